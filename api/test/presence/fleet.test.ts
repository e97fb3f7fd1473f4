import { describe, expect, it } from 'vitest';
import type { Deed } from './deeds.ts';
import type { Faults } from './fleet.ts';
import { playOn } from './play.ts';

// Three servers over one database, with real connections; devices come and go by all of them in every way, and servers die. What
// three people see who look at them by GraphQL is held against a record of who was truly connected.

const slowly = 60_000;

/** What shows a fault soon, and what is then seen. */
const broken: readonly (readonly [fault: keyof Faults, deeds: readonly Deed[], problem: RegExp])[] = [
  ['neverReaps', ['connect', 'connect', 'kill', 'start'], /sees (ONLINE|IDLE) instead of OFFLINE/],
  ['neverPings', ['connect', 'freeze', 'freeze', 'freeze'], /sees (ONLINE|IDLE) instead of OFFLINE/],
  ['knowsNoGrace', ['connect', 'flap'], /was told OFFLINE instead of (ONLINE|IDLE)/],
  ['tellsEverybody', ['setTyping'], /was told (of somebody they may not see|.* over a block)/],
];
const shortMs = 150_000;

describe('on a fleet, who is shown as there and as writing', () => {
  it.each([1, 2])(
    'is who truly is and does, within the published bounds, to who may see it (seed %i)',
    async (seed) => {
      const { problem, heard } = await playOn(seed);
      expect([problem]).toEqual([undefined]);
      // There was something to be wrong about.
      expect(Object.keys(heard).sort()).toEqual(['IDLE', 'OFFLINE', 'ONLINE', 'typing']);
    },
    slowly,
  );

  it.each(broken)(
    'is seen to be wrong on one that is broken on purpose: %s',
    async (fault, deeds, problem) => {
      const played = await playOn(3, { deeds, playMs: shortMs, faults: { [fault]: true } });
      expect(played.problem).toMatch(problem);
    },
    slowly,
  );
});
