import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { type Habit, habits, openSyncingClient, readNow } from './syncing-client.ts';
import { talkerOf } from './talker.ts';
import { doSomething, openPlace } from './traffic.ts';

type Difference = {
  readonly seed: number;
  readonly habit: Habit;
  readonly held: unknown;
  readonly now: unknown;
};

/**
 * Three people do all that there is to do (`traffic.ts`), all at once. Meanwhile clients of theirs begin, at any moment, with one
 * query, and go on by events. In the end each of them must hold what a query shows.
 */
async function differenceOf(
  world: World,
  seed: number,
  wanted: readonly Habit[],
): Promise<Difference | undefined> {
  const random = createRandom(seed);
  const people = await Promise.all(upTo(3).map(() => world.signUp()));
  const place = await openPlace(people, world);
  const act = async (person: (typeof people)[number]) => {
    const others = people.filter((other) => other !== person);
    for (const _ of upTo(12)) await doSomething(person, { place, others }, random);
  };
  const acting = Promise.all(people.map(act));
  const opening = wanted.map(async (habit, index) => {
    for (const _ of upTo(Math.floor(random() * 40))) await new Promise((resolve) => setImmediate(resolve));
    const talker = talkerOf(people[index % people.length] ?? (await world.signUp()));
    return { talker, client: await openSyncingClient({ talker, habit, random }) };
  });
  await acting;
  const clients = await Promise.all(opening);
  const differences: Difference[] = [];
  for (const { talker, client } of clients) {
    const [held, now] = [(await client.finish()).contents(), (await readNow(talker)).contents()];
    if (JSON.stringify(held) !== JSON.stringify(now))
      differences.push({ seed, habit: client.habit, held, now });
  }
  return differences[0];
}

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
    for (const run of upTo(runs)) {
      const found = await differenceOf(world, firstSeed + run, [...habits, 'list']);
      expect(found?.held, `seed ${found?.seed}, ${found?.habit}`).toEqual(found?.now);
    }
    // Many have something to do with each other then, and have set something for themselves.
    const { prisma } = world.product;
    const met = await prisma.contact.count({
      where: { OR: [{ state: { not: 'NONE' } }, { isBlocked: true }] },
    });
    expect(met).toBeGreaterThan(runs / 2);
    expect(await prisma.user.count({ where: { viewerVersion: { gt: 0 } } })).toBeGreaterThan(0);
  });

  it('are that also when more, or less, of the history is shown than before', async () => {
    const [ada, ben] = [talkerOf(await world.signUp()), talkerOf(await world.signUp())];
    const { channel } = await ada.createGroup([]);
    await ada.send(channel.id, 'before ben came');
    await ada.add(channel.id, ben.userId);
    for (const historyVisibility of ['ALL', 'FROM_JOINING']) {
      const client = await openSyncingClient({ talker: ben, habit: 'list', random: Math.random });
      await ada.updateGroup(channel.id, { historyVisibility });
      const [held, now] = [(await client.finish()).contents(), (await readNow(ben)).contents()];
      expect(held).toEqual(now);
      expect(now.channels[0]?.messages).toHaveLength(historyVisibility === 'ALL' ? 1 : 0);
    }
  });

  it('are not, and this test finds it, when the cursor is taken after the query', {
    timeout: 600_000,
  }, async () => {
    const careless = ['careless', 'careless', 'careless'] as const;
    for (const run of upTo(runs)) if (await differenceOf(world, run, careless)) return;
    expect.unreachable('Every careless client was lucky: this test cannot see the fault.');
  });
});
