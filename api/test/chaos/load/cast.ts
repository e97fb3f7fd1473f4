import { documents } from './documents.ts';
import { order, read } from './perform.ts';
import type { Cast, Channel, Person } from './person.ts';
import { type Play, within } from './play.ts';
import { addDevice, signUp } from './sign-in.ts';

/** So many ask at once: hashing a password keeps a core busy. */
const atOnce = 4;

/** Makes everybody and everything, through the public API as anybody would. */
export async function gatherCast(play: Play): Promise<Cast> {
  const { size, random } = play;
  const people = await inTurns(size.people, (nth) => signUp(play, `person.${nth + 1}`));
  const more = people.flatMap((person) =>
    Array.from({ length: within(play, size.devices) - 1 }, () => person),
  );
  await inTurns(more.length, async (nth) => {
    const person = more[nth];
    if (person !== undefined) await addDevice(play, person);
  });
  const circles = Array.from({ length: size.channels - size.directs }, (_, nth) =>
    random.pickSome(people, nth === 0 ? size.members.most : within(play, size.members)),
  );
  // Nobody is left over.
  for (const person of people)
    if (!circles.some((circle) => circle.includes(person))) random.pick(circles).push(person);
  const groups = await inTurns(circles.length, (nth) => makeGroup(play, circles[nth] ?? [], nth));
  const pairs = pairsOf(people, size.directs);
  const directs = await inTurns(pairs.length, (nth) => makeDirect(play, pairs[nth] ?? []));
  const channels = [...groups, ...directs];
  return { people, channels, channelOf: new Map(channels.map((channel) => [channel.id, channel])) };
}

/** All different: neighbours in the list. */
const pairsOf = (people: readonly Person[], count: number) =>
  people
    .slice(0, Math.min(count, people.length - 1))
    .map((person, nth) => [person, ...people.slice(nth + 1, nth + 2)]);

async function inTurns<T>(count: number, make: (nth: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const nth = next;
      next += 1;
      made[nth] = await make(nth);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return made;
}

const deviceOf = ({ devices: [device], handle }: Person) => {
  if (device === undefined) throw new Error(`${handle} has no device.`);
  return device;
};

async function makeGroup(play: Play, circle: readonly Person[], nth: number): Promise<Channel> {
  const [owner, ...others] = circle;
  if (owner === undefined) throw new Error('A group has somebody who makes it.');
  const input = {
    name: `Channel ${nth + 1}`,
    memberIds: others.map(({ userId }) => userId),
    nonce: `channel.${nth + 1}`,
  };
  const made = await order(play, deviceOf(owner), { document: documents.createGroup, input });
  if (made?.kind !== 'done' || made.payload.notAdded.length > 0)
    throw new Error(`No group: ${JSON.stringify(made)}`);
  return meet(play, { id: made.payload.channel.id, kind: 'GROUP', owner, circle, absent: new Set() });
}

async function makeDirect(play: Play, circle: readonly Person[]): Promise<Channel> {
  const [owner, other] = circle;
  if (owner === undefined || other === undefined) throw new Error('A channel of two has two.');
  const input = { userId: other.userId };
  const made = await order(play, deviceOf(owner), { document: documents.openDirect, input });
  if (made?.kind !== 'done') throw new Error(`No channel of two: ${JSON.stringify(made)}`);
  return meet(play, { id: made.payload.channel.id, kind: 'DIRECT', owner, circle, absent: new Set() });
}

/** Members have ids of their own, which stay: events name some by those alone. */
async function meet(play: Play, channel: Channel): Promise<Channel> {
  const variables = { id: channel.id };
  const answer = await read(play, deviceOf(channel.owner), { document: documents.members, variables });
  const edges = answer?.channel?.members.edges ?? [];
  if (edges.length !== channel.circle.length)
    throw new Error('A channel has other members than it was given.');
  for (const { node } of edges) play.events.know(node.id, node.user.id);
  return channel;
}
