import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import { documents } from './documents.ts';
import { type Deed, perform } from './perform.ts';
import type { Channel, Person } from './person.ts';
import { type Play, within } from './play.ts';

type Added = { readonly notAdded: readonly { readonly code: string }[] };

/** The owner of a group removes people from it and adds them again, and those who have left too. Resolves when that is over. */
export async function keepDoor(play: Play, channel: Channel): Promise<void> {
  const { stopping, size, random } = play;
  const others = channel.circle.filter((person) => person !== channel.owner);
  while (!stopping.aborted) {
    await sleep(within(play, size.doorMs), stopping);
    const device = deviceOf(channel.owner);
    if (stopping.aborted || device === undefined || others.length === 0) continue;
    const person = random.pick(others);
    if (channel.absent.has(person)) await add(play, device, { channel, person });
    else if (mayGo(channel)) await remove(play, device, { channel, person });
  }
}

/** At least two of three are there, and two. */
export const mayGo = ({ absent, circle }: Channel): boolean =>
  absent.size + 1 <= circle.length / 3 && circle.length - absent.size > 2;

const deviceOf = ({ devices }: Person): Device | undefined => devices.find((device) => !device.mayEnd());

type Whom = { readonly channel: Channel; readonly person: Person };

async function remove(play: Play, device: Device, { channel, person }: Whom): Promise<void> {
  const deed: Deed<object> = {
    what: { type: 'remove', channelId: channel.id, memberId: person.userId },
    document: documents.remove,
    input: { channelId: channel.id, userId: person.userId },
    mayBe: ['NOT_A_MEMBER'],
    already: 'NOT_A_MEMBER',
  };
  await perform(play, device, deed);
  channel.absent.add(person);
}

async function add(play: Play, device: Device, { channel, person }: Whom): Promise<void> {
  const deed: Deed<Added> = {
    what: { type: 'add', channelId: channel.id, memberId: person.userId },
    document: documents.add,
    input: { channelId: channel.id, userIds: [person.userId] },
    refusalIn: ({ notAdded: [refused] }) => refused?.code,
    mayBe: ['NOT_ACCEPTING', 'ALREADY_A_MEMBER'],
    already: 'ALREADY_A_MEMBER',
  };
  const outcome = await perform(play, device, deed);
  if (outcome.state !== 'refused' || outcome.code === 'ALREADY_A_MEMBER') channel.absent.delete(person);
}
