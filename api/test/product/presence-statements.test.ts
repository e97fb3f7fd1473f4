import { afterAll, beforeAll, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { type Looker, lookerOf } from './looking.ts';
import { many, statementsDuring } from './statements-of.ts';

let clock: ManualClock;
let world: World;
let me: Looker;
let others: readonly Looker[];
/** A group of thirty, one of whom looks at the others. */
beforeAll(async () => {
  clock = createManualClock(1_717_171_717_171);
  world = await openWorld({ clock });
  const people = await Promise.all(upTo(30).map(async () => lookerOf(world, await world.signUp())));
  const [first, ...rest] = people;
  if (!first) throw new Error('Nobody is there.');
  [me, others] = [first, rest];
  await me.createGroup(others.map(({ userId }) => userId));
});
afterAll(() => world.close());

/** Those that are about people: as time goes on, the server has others of its own. */
async function aboutPeople(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { statements } = await statementsDuring(work);
  return statements.filter((text) => /user_account|last_seen_at/.test(text));
}

it('beginning to watch takes as many statements for thirty people as for one, and so does telling all of them anew', async () => {
  const counts: number[] = [];
  for (const watched of [others.slice(0, 1), others]) {
    const ids = watched.map(({ userId }) => userId);
    let watch: Awaited<ReturnType<Looker['watch']>> | undefined;
    const begun = await statementsDuring(async () => {
      watch = await me.watch(ids);
      await watch.snapshot(...ids);
    });
    expect(begun.statements.length, many(begun.statements)).toBeLessThanOrEqual(2);
    const renewed = await aboutPeople(async () => {
      const told = watch?.snapshot(...ids);
      await clock.advance(60_000);
      await told;
    });
    expect(renewed.length, many(renewed)).toBeLessThanOrEqual(2);
    counts.push(begun.statements.length, renewed.length);
    await watch?.stop();
  }
  expect(counts.slice(0, 2)).toEqual(counts.slice(2));
});

it('that somebody comes or goes is one statement, and none for who is told', async () => {
  const [they] = others;
  if (!they) throw new Error('Nobody is there.');
  const watches = await Promise.all([me, ...others.slice(1, 10)].map((one) => one.watch([they.userId])));
  for (const watch of watches) await watch.next();
  const all = (state: string) =>
    Promise.all(watches.map((watch) => watch.until(({ presence }) => presence?.state === state)));
  let leave = () => {};
  const coming = await aboutPeople(async () => {
    const told = all('ONLINE');
    leave = they.connect();
    await clock.advance(1_000);
    await told;
  });
  expect(coming.length, many(coming)).toBe(1);
  const going = await aboutPeople(async () => {
    const told = all('OFFLINE');
    leave();
    await clock.advance(11_000);
    await told;
  });
  expect(going.length, many(going)).toBe(1);
  for (const watch of watches) await watch.stop();
});

it('a device that comes and goes each second for a minute writes nothing', async () => {
  const [, they] = others;
  if (!they) throw new Error('Nobody is there.');
  let leave = they.connect();
  await clock.advance(1_000);
  const flapping = await aboutPeople(async () => {
    for (const _ of upTo(60)) {
      leave();
      leave = they.connect();
      await clock.advance(1_000);
    }
  });
  expect(flapping, many(flapping)).toEqual([]);
  leave();
});
