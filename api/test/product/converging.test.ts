import { assertInterfaceType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { type ReadingRule, readingRules } from './client-reading.ts';
import { type Client, type Habit, habits, openSyncingClient, readNow } from './syncing-client.ts';
import { type Talker, talkerOf } from './talker.ts';
import { doSomething, openPlace } from './traffic.ts';

type Difference = {
  readonly seed: number;
  readonly habit: Habit;
  readonly held: unknown;
  readonly now: unknown;
};
type Wanted = {
  readonly habits: readonly Habit[];
  readonly forgotten?: ReadingRule;
  /** The types of all events that came to anybody. */
  readonly met?: Set<string>;
};

/** Where a client that is at rest holds something else than a query shows, or has seen somebody's place go back. */
async function differenceAtRest(
  { talker, client }: { readonly talker: Talker; readonly client: Client },
  seed: number,
): Promise<Difference | undefined> {
  const cache = await client.rest();
  const [held, now] = [cache.contents(), (await readNow(talker)).contents({ isAsSaid: true })];
  const found = { seed, habit: client.habit };
  if (JSON.stringify(held) !== JSON.stringify(now)) return { ...found, held, now };
  return cache.wentBack.length > 0 ? { ...found, held: cache.wentBack, now: [] } : undefined;
}

/**
 * Three people do all that there is to do (`traffic.ts`), all at once. Meanwhile clients of theirs begin, at any moment, with one
 * query, and go on by events. Now and then everybody rests: then each client must hold what a query shows.
 */
async function differenceOf(world: World, seed: number, { habits: wanted, forgotten, met }: Wanted) {
  const random = createRandom(seed);
  const people = await Promise.all(upTo(3).map(() => world.signUp()));
  const place = await openPlace(people, world);
  const act = async (person: (typeof people)[number]) => {
    const others = people.filter((other) => other !== person);
    for (const _ of upTo(7)) await doSomething(person, { place, others }, random);
  };
  const open = async (habit: Habit, index: number) => {
    for (const _ of upTo(Math.floor(random() * 40))) await new Promise((resolve) => setImmediate(resolve));
    const talker = talkerOf(people[index % people.length] ?? (await world.signUp()));
    return { talker, client: await openSyncingClient({ talker, habit, random, forgotten, met }) };
  };
  const opening = Promise.all(wanted.map(open));
  for (const _ of upTo(2)) {
    await Promise.all([...people.map(act), opening]);
    const clients = await opening;
    const found: (Difference | undefined)[] = [];
    for (const one of clients) found.push(await differenceAtRest(one, seed));
    const [difference] = found.filter((one) => one !== undefined);
    if (difference !== undefined) return difference;
    for (const { client } of clients) client.goOn();
  }
  for (const { client } of await opening) await client.rest();
  return undefined;
}

const eventTypes = schema
  .getPossibleTypes(assertInterfaceType(schema.getType('ChatEvent')))
  .map(({ name }) => name)
  .sort();

describe.each([
  ['memory', 50],
  ['postgres', 10],
] as const)('one query and the events behind its cursor, with the log in %s', (log, runs) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log });
  });
  afterAll(() => world.close());

  it(`are what a query shows later, ${runs} times of ${runs}`, { timeout: 600_000 }, async () => {
    const firstSeed = Math.floor(Math.random() * 1e6);
    const met = new Set<string>();
    for (const run of upTo(runs)) {
      const found = await differenceOf(world, firstSeed + run, { habits: [...habits, 'list'], met });
      expect(found?.held, `seed ${found?.seed}, ${found?.habit}`).toEqual(found?.now);
    }
    if (runs < 50) return; // too few for all of what follows to have happened for certain
    // Everything that can happen has come to somebody. Nothing was reset, and no connection was long enough for a checkpoint.
    expect([...met].sort()).toEqual(eventTypes.filter((type) => !/Reset$|^Checkpoint$/.test(type)));
    // Many have something to do with each other then, and have set something for themselves.
    const { prisma } = world.product;
    const having = await prisma.contact.count({
      where: { OR: [{ state: { not: 'NONE' } }, { isBlocked: true }] },
    });
    expect(having).toBeGreaterThan(runs / 2);
    expect(await prisma.user.count({ where: { viewerVersion: { gt: 0 } } })).toBeGreaterThan(0);
    expect(await prisma.member.count({ where: { readNumber: { gt: 0 } } })).toBeGreaterThan(runs);
    expect(await prisma.user.count({ where: { sharesReadPosition: false } })).toBeGreaterThan(0);
  });

  it('are that also when more, or less, of the history is shown than before', async () => {
    const [ada, ben] = [talkerOf(await world.signUp()), talkerOf(await world.signUp())];
    const { channel } = await ada.createGroup([]);
    await ada.send(channel.id, 'before ben came');
    await ada.add(channel.id, ben.userId);
    for (const historyVisibility of ['ALL', 'FROM_JOINING']) {
      const client = await openSyncingClient({ talker: ben, habit: 'list', random: Math.random });
      await ada.updateGroup(channel.id, { historyVisibility });
      const [held, now] = [
        (await client.rest()).contents(),
        (await readNow(ben)).contents({ isAsSaid: true }),
      ];
      expect(held).toEqual(now);
      expect(now.channels[0]?.messages).toHaveLength(historyVisibility === 'ALL' ? 1 : 0);
    }
  });

  const broken: readonly (readonly [string, Wanted])[] = [
    ['the cursor is taken after the query', { habits: ['careless', 'careless', 'careless'] }],
    ...readingRules.map(
      (forgotten) => [`a client forgets that ${forgotten}`, { habits, forgotten }] as const,
    ),
  ];
  it.for(broken)('are not, and this test finds it, when %s', { timeout: 600_000 }, async ([, wanted]) => {
    // Most are found at once; with so many tries luck is no excuse.
    for (const run of upTo(5 * runs)) if (await differenceOf(world, run, wanted)) return;
    expect.unreachable('Every such client was lucky: this test cannot see the fault.');
  });
});
