import { describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { Subscription } from '../../../schema/test/world.ts';
import { people, type Talker } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// A3: somebody is removed in the middle of traffic, and listens on.

type Seen = {
  readonly __typename: string;
  readonly eventId: string;
  readonly channelId?: string;
  readonly memberId?: string;
  readonly messageId?: string;
};
const fields = `__typename eventId ... on ChannelEvent { channelId }
  ... on MessageSent { messageId } ... on MemberAdded { memberId } ... on MemberRemoved { memberId }`;
const events = `subscription ($after: [Cursor!]) { event: events(after: $after) { ${fields} } }`;
const changes = `query ($after: [Cursor!]!) { changes(after: $after) { events { ${fields} } } }`;
const messages = `subscription ($id: ID!) { event: messageAdded(channelId: $id, afterNumber: 0) { id } }`;

/** Reads until it is told to stop, as slowly as `lag` says. */
function listen<T>(stream: Subscription<{ event: T }>, lag: () => Promise<void> = async () => undefined) {
  const seen: T[] = [];
  let wake: () => void = () => undefined;
  const reading = (async () => {
    for await (const { data, errors } of stream) {
      if (errors) throw new Error(JSON.stringify(errors));
      seen.push(data.event);
      wake();
      await lag();
    }
  })();
  return {
    seen,
    reading,
    async until(isThere: (event: T) => boolean) {
      while (!seen.some(isThere)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async close() {
      await stream.return?.();
      await reading;
    },
  };
}

/** Lets others run, a random number of times. */
async function pause(random: () => number, most: number): Promise<void> {
  for (let turns = Math.floor(random() * most); turns > 0; turns -= 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What somebody may see of a channel's log: from each adding to the removal that follows, both included. */
function staysOf(memberId: string, log: readonly Seen[]): Seen[][] {
  const stays: Seen[][] = [];
  let isIn = false;
  for (const event of log) {
    const isOwn = event.memberId === memberId;
    if (isOwn && event.__typename === 'MemberAdded') {
      isIn = true;
      stays.push([]);
    }
    if (isIn) stays.at(-1)?.push(event);
    if (isOwn && event.__typename === 'MemberRemoved') isIn = false;
  }
  return stays;
}

/** One who is removed, and those who go on talking. Markers go to another channel, where everybody stays. */
type Crew = Record<'owner' | 'eve' | 'victim', Talker> & { readonly markers: string };
async function openCrew(world: World): Promise<Crew> {
  const talkers = await people(world, 'owner', 'eve', 'victim');
  const { channel } = await talkers.owner.createGroup([talkers.victim.userId]);
  return { ...talkers, markers: channel.id };
}

/** Everybody talks at once; meanwhile the victim is removed, and perhaps added and removed again. */
async function traffic({ owner, eve, victim }: Crew, id: string, random: () => number): Promise<void> {
  const talk = async (talker: Talker) => {
    for (const n of upTo(6)) {
      await pause(random, 8);
      await talker.send(id, `${talker.handle} ${n}`);
    }
  };
  const flips = 1 + Math.floor(random() * 3);
  const kick = async () => {
    for (const flip of upTo(flips)) {
      await pause(random, 16);
      await (flip % 2 === 1 ? owner.remove(id, victim.userId) : owner.add(id, victim.userId));
    }
  };
  await Promise.all([talk(owner), talk(eve), talk(victim), kick()]);
  await owner.send(id, 'over');
}

async function trial(crew: Crew, seed: number): Promise<void> {
  const { owner, eve, victim, markers } = crew;
  const random = createRandom(seed);
  const [before, after] = [await owner.syncCursor(), [await victim.syncCursor()]];
  const { channel } = await owner.createGroup([eve.userId, victim.userId]);
  const { id } = channel;
  const memberId = channel.members.edges.find(({ node }) => node.user.id === victim.userId)?.node.id ?? '';

  const quick = listen(await victim.subscribe<{ event: Seen }>(events, { after }));
  const lagging = listen(await victim.subscribe<{ event: Seen }>(events, { after }), () => pause(random, 9));
  const asleep = await victim.subscribe<{ event: Seen }>(events, { after });
  const narrow = listen(await victim.subscribe<{ event: { id: string } }>(messages, { id }));
  await traffic(crew, id, random);

  const { changes: page } = await owner.query<{ changes: { events: Seen[] } }>(changes, { after: [before] });
  const stays = staysOf(memberId, page.events.filter(isOf(id)));
  const readers = [quick, lagging, listen(asleep)];
  // Whatever else there is for a reader comes between so many events of another channel: readers take turns.
  const sent = await Promise.all(upTo(40).map((n) => owner.send(markers, `marker ${n}`)));
  for (const { message } of sent)
    for (const { until } of readers) await until(({ messageId }) => messageId === message.id);
  for (const { seen } of readers) expectStays(seen.filter(isOf(id)), stays, seed);
  // The narrow one ends by itself with the first stay.
  await narrow.reading;
  const said = stays[0]?.flatMap(({ messageId }) => messageId ?? []);
  expect(
    narrow.seen.map((seen) => seen.id),
    `seed ${seed}`,
  ).toEqual(said);
  for (const reader of readers) await reader.close();
}

const isOf = (id: string) => (event: Seen) =>
  event.channelId === id && event.__typename !== 'ViewerChannelChanged';

/**
 * Every stay whole, and nothing else. One that began and was over while the reader lagged may be missing: what somebody has
 * left is not replayed.
 */
function expectStays(seen: readonly Seen[], stays: readonly (readonly Seen[])[], seed: number): void {
  const ids = new Set(seen.map(({ eventId }) => eventId));
  const isMissing = (stay: readonly Seen[], index: number) =>
    index > 0 && stay.at(-1)?.__typename === 'MemberRemoved' && !stay.some(({ eventId }) => ids.has(eventId));
  const expected = stays.filter((stay, index) => !isMissing(stay, index)).flat();
  expect(
    seen.map(({ eventId }) => eventId),
    `seed ${seed}`,
  ).toEqual(expected.map(({ eventId }) => eventId));
}

describe.each([
  ['memory', 160],
  ['postgres', 40],
] as const)('A3: removed while listening, with the log in %s', (log, trials) => {
  it(`sees nothing behind the removal, and all before it, ${trials} times of ${trials}`, async () => {
    const firstSeed = Math.floor(Math.random() * 1e6);
    const world = await openWorld({ log });
    try {
      const atOnce = 8;
      const crews = await Promise.all(upTo(atOnce).map(() => openCrew(world)));
      await Promise.all(
        crews.map(async (crew, index) => {
          for (let n = index; n < trials; n += atOnce) await trial(crew, firstSeed + n);
        }),
      );
    } finally {
      await world.close();
    }
  }, 240_000);
});
