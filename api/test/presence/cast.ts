import type { Person } from '../../../schema/test/world.ts';
import { contactsOf } from '../product/contacting.ts';
import { talkerOf } from '../product/talker.ts';
import type { World } from '../world.ts';
import type { Sight } from './verdict.ts';

/** Somebody who looks, and what they may see of each of the people, in their order. */
export type Looker = { readonly person: Person; readonly sights: readonly [Sight, Sight, Sight] };

/** One person on two devices. */
export type Devices = readonly [Person, Person];

export type Cast = {
  readonly people: readonly [Devices, Devices, Devices];
  readonly lookers: readonly Looker[];
  readonly channelId: string;
};

/** Three people who are looked at; all but the stranger among those who look are in one channel with them. */
export async function openCast(world: World): Promise<Cast> {
  const onTwoDevices = async (): Promise<Devices> => {
    const first = await world.signUp();
    return [first, await world.signIn(first.handle)];
  };
  const people = [await onTwoDevices(), await onTwoDevices(), await onTwoDevices()] as const;
  const [mate, blocked, stranger] = [await world.signUp(), await world.signUp(), await world.signUp()];
  const members = [...people.map(([{ userId }]) => userId), blocked.userId];
  const { channel } = await talkerOf(mate).createGroup(members);
  const [[ada], [bob]] = people;
  await contactsOf(ada).block(blocked.userId);
  await contactsOf(blocked).block(bob.userId);
  return {
    people,
    channelId: channel.id,
    lookers: [
      { person: mate, sights: ['all', 'all', 'all'] },
      { person: blocked, sights: ['gone', 'nothing', 'all'] },
      { person: stranger, sights: ['nothing', 'nothing', 'nothing'] },
    ],
  };
}
