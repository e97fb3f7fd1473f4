import { describe, expect, it } from 'vitest';
import { createRandom } from '../../smoke/random.ts';
import { check } from './check.ts';
import { walkAtRandom } from './made-up-walk.ts';
import type { Spoiling } from './spoil.ts';
import { ofEnd } from './spoil-end.ts';
import { ofLog } from './spoil-log.ts';
import { ofReading } from './spoil-reading.ts';
import { isClean } from './verdict.ts';

const spoilings: readonly Spoiling[] = [...ofReading, ...ofLog, ...ofEnd];
/** Another one each day, so that something new is tried; printed, so that it can be tried again. */
const first = Math.floor(Date.now() / 86_400_000);
const runs = 12;
const steps = 500;

describe(`the checker, of runs at random (seeds from ${first})`, () => {
  const histories = Array.from({ length: runs }, (_, nth) => ({
    seed: first + nth,
    lines: walkAtRandom(createRandom(first + nth), steps),
  }));

  it('finds nothing where nothing goes wrong', () => {
    for (const { seed, lines } of histories) {
      const verdict = check(lines);
      expect({ seed, findings: verdict.findings }).toEqual({ seed, findings: [] });
      expect(isClean(verdict)).toBe(true);
    }
  });

  it.for(spoilings)('notices when $name', ({ rows, spoil }) => {
    let tried = 0;
    for (const { seed, lines } of histories) {
      const spoilt = spoil(lines, createRandom(seed));
      if (spoilt === undefined) continue;
      tried += 1;
      const { counts } = check(spoilt);
      const isFound = rows.some((row) => counts[row] > 0);
      expect(isFound ? 'found' : { seed, counts }).toBe('found');
    }
    expect(tried).toBeGreaterThan(0);
  });
});
