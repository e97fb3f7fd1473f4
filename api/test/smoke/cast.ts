import { read } from '../client/ask.ts';
import { createGroup, type SignedIn, signIn, signUp, syncCursor } from '../client/people.ts';
import type { Seat } from './history.ts';
import { type Plan, steadyOf } from './plan.ts';

/** A signed-in device, and where its stream begins. */
export type CastDevice = { readonly name: string; readonly person: SignedIn; readonly from: string };
export type CastChannel = { readonly id: string; readonly members: readonly SignedIn[] };
export type Cast = {
  readonly devices: readonly CastDevice[];
  readonly channels: readonly CastChannel[];
  /** By their index in the plan. */
  readonly people: ReadonlyMap<number, SignedIn>;
  /** Who has muted or archived what. */
  readonly aside: readonly Seat[];
};

/** Everybody and everything of a plan, made through the public API as anybody would. */
export async function gatherCast(httpUrl: string, { devices, channels }: Plan): Promise<Cast> {
  const signedIn: { readonly name: string; readonly person: SignedIn; readonly index: number }[] = [];
  for (const { person: index } of devices) {
    const handle = `person.${index + 1}`;
    const nth = signedIn.filter((other) => other.index === index).length;
    const person = nth === 0 ? await signUp(httpUrl, handle) : await signIn(httpUrl, handle);
    signedIn.push({ name: `${handle}/${nth + 1}`, person, index });
  }
  const made: CastChannel[] = [];
  for (const members of channels) {
    const people = members.flatMap(
      (index) => signedIn.find((device) => device.index === index)?.person ?? [],
    );
    const [owner, ...others] = people;
    if (owner === undefined) throw new Error('A channel has members.');
    const id = await createGroup(httpUrl, owner, { name: `Channel ${made.length + 1}`, members: others });
    made.push({ id, members: people });
  }
  const aside: Seat[] = [];
  for (const [nth, { id, members }] of made.entries()) {
    const [, somebody] = steadyOf(members);
    if (somebody === undefined) continue;
    await putAside(httpUrl, somebody, {
      channelId: id,
      how: nth % 2 === 0 ? 'muteChannel' : 'archiveChannel',
    });
    aside.push({ userId: somebody.userId, channelId: id });
  }
  // After the last group: what the devices see begins with the first message.
  const cast = signedIn.map(async ({ name, person }) => ({
    name,
    person,
    from: await syncCursor(httpUrl, person.session.accessToken),
  }));
  const people = new Map(signedIn.map(({ index, person }) => [index, person]));
  return { devices: await Promise.all(cast), channels: made, people, aside };
}

type Aside = { readonly channelId: string; readonly how: 'muteChannel' | 'archiveChannel' };

/** What is said there is not counted in somebody's total. */
async function putAside(httpUrl: string, { session }: SignedIn, { channelId, how }: Aside): Promise<void> {
  const input = how === 'muteChannel' ? 'MuteChannelInput' : 'ArchiveChannelInput';
  const query = `mutation ($input: ${input}!) { result: ${how}(input: $input) { __typename } }`;
  const token = session.accessToken;
  const { result } = await read<{ result: { __typename: string } }>(httpUrl, {
    query,
    variables: { input: { channelId } },
    token,
  });
  if (!result.__typename.endsWith('Payload')) throw new Error(`${how} gave ${result.__typename}`);
}
