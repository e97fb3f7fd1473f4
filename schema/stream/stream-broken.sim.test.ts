import { describe, expect, it } from 'vitest';
import type { Sabotage } from './sim/sabotage.ts';
import { simulate } from './sim/simulate.ts';
import { weatherOf } from './sim/weather.ts';

/** Many times more than it takes to notice. */
const maxSeeds = 200;
const timeoutMs = 240_000;

/** The first seed that shows a broken promise of these; undefined when none does. */
async function seedThatNotices(
  sabotage: Sabotage,
  promises: RegExp,
  isWorthIt: (seed: number) => boolean = () => true,
): Promise<number | undefined> {
  for (let seed = 1; seed <= maxSeeds; seed += 1) {
    if (!isWorthIt(seed)) continue;
    const problems = await simulate(seed, sabotage);
    if (problems.some((problem) => promises.test(problem))) return seed;
  }
  return undefined;
}

/** A simulation that cannot see a fault proves nothing: each rule is broken once, and must be missed. */
describe('a broken rule is noticed', { timeout: timeoutMs }, () => {
  it('when two attempts of one nonce go into one round (the log does not see that they are the same)', async () => {
    expect(await seedThatNotices({ rules: { sharesNonces: false } }, /^G2/)).toBeDefined();
  });

  it('when a hub passes over a gap', async () => {
    expect(await seedThatNotices({ rules: { repairsGaps: false } }, /^G5/)).toBeDefined();
  });

  it('when a hub reads the head before it listens', async () => {
    // Only a late event tells, and only where nothing else makes events late.
    const isCalm = (seed: number) => weatherOf(seed).isCalm;
    expect(await seedThatNotices({ rules: { listensFirst: false } }, /^G6/, isCalm)).toBeDefined();
  });

  it('when a hint leaves before the commit', async () => {
    expect(await seedThatNotices({ announcesFirst: true }, /^G1/)).toBeDefined();
  });

  it('when a cursor names the newest seen instead of what was sent', async () => {
    expect(await seedThatNotices({ rules: { namesWhatWasSent: false } }, /^G5/)).toBeDefined();
  });

  it('when the end of a membership does not keep to the order of the log', async () => {
    expect(await seedThatNotices({ rules: { endsAtRemoval: false } }, /^G7/)).toBeDefined();
  });

  it('when changes of membership reach the log out of version order', async () => {
    expect(await seedThatNotices({ rules: { keepsVersionOrder: false } }, /^G7/)).toBeDefined();
  });

  it('when the place of a joining is filled in without a new version', async () => {
    expect(await seedThatNotices({ settlesSilently: true }, /^G[67]/)).toBeDefined();
  });

  it('when nobody looks again after an own removal', async () => {
    expect(await seedThatNotices({ rules: { looksAgain: false } }, /^G6/)).toBeDefined();
  });

  it('when a change of own things is told again with every other change', async () => {
    expect(await seedThatNotices({ rules: { comparesOwnThings: false } }, /^G5/)).toBeDefined();
  });

  it('when contacts are read beyond the page that they belong to', async () => {
    expect(await seedThatNotices({ rules: { readsContactsOfPage: false } }, /^G5: contact/)).toBeDefined();
  });

  it('when a feed does not say that contacts changed', async () => {
    expect(await seedThatNotices({ hidesContacts: true }, /^G6: what/)).toBeDefined();
  });

  it('when a change of a channel is not queued for the log', async () => {
    expect(await seedThatNotices({ losesUpdates: true }, /^G6.*held as/)).toBeDefined();
  });

  it('when an own setting is written without a new version', async () => {
    expect(await seedThatNotices({ hidesOwn: true }, /^G6.*held as/)).toBeDefined();
  });

  it('when others are not told that a position moved', async () => {
    expect(await seedThatNotices({ hidesMarks: true }, /^G6.*held as/)).toBeDefined();
  });

  it('when positions are written over those of somebody who was quicker', async () => {
    expect(await seedThatNotices({ overwritesMarks: true }, /^G1: usr\d said/)).toBeDefined();
  });
});
