import { describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../ports/random.contract.ts';
import { countBranches } from '../test/branches.ts';
import type { QuietHours } from './quiet-hours.ts';

const branches = countBranches();
const { bitsOf, daysIn, isQuietAt, isTimeZone, minuteOf, timeOf } = await import('./quiet-hours.ts');
const { randomHours } = await import('./random-facts.contract.ts');

const all = [0, 1, 2, 3, 4, 5, 6];
const [monday, saturday, sunday] = [0, 5, 6];
/** `22:00-07:00` */
const hours = (span: string, timeZone: string, days: readonly number[] = all): QuietHours => {
  const [from = Number.NaN, to = Number.NaN] = span.split('-').map((time) => minuteOf(time) ?? Number.NaN);
  return { from, to, days, timeZone };
};
const at = (time: string) => Date.parse(time);

describe('quiet hours', () => {
  // 2030-01-07 is a Monday.
  it.for([
    ['12:00-13:00', [monday], '2030-01-07T11:59:59.999Z', false],
    ['12:00-13:00', [monday], '2030-01-07T12:00Z', true],
    ['12:00-13:00', [monday], '2030-01-07T12:59:59.999Z', true],
    ['12:00-13:00', [monday], '2030-01-07T13:00Z', false],
    ['12:00-13:00', [monday], '2030-01-08T12:30Z', false],
    ['12:00-13:00', [], '2030-01-07T12:30Z', false],
    // Over midnight they belong to the day on which they begin.
    ['22:00-07:00', [monday], '2030-01-07T06:59Z', false],
    ['22:00-07:00', [monday], '2030-01-07T21:59Z', false],
    ['22:00-07:00', [monday], '2030-01-07T22:00Z', true],
    ['22:00-07:00', [monday], '2030-01-08T00:00Z', true],
    ['22:00-07:00', [monday], '2030-01-08T06:59:59.999Z', true],
    ['22:00-07:00', [monday], '2030-01-08T07:00Z', false],
    ['22:00-07:00', [monday], '2030-01-08T22:00Z', false],
    // From Sunday into Monday, too.
    ['22:00-07:00', [sunday], '2030-01-06T23:00Z', true],
    ['22:00-07:00', [sunday], '2030-01-07T06:59Z', true],
    ['22:00-07:00', [sunday], '2030-01-07T22:00Z', false],
    // The same time twice is a whole day from then.
    ['09:00-09:00', [monday], '2030-01-07T08:59Z', false],
    ['09:00-09:00', [monday], '2030-01-07T09:00Z', true],
    ['09:00-09:00', [monday], '2030-01-08T08:59:59.999Z', true],
    ['09:00-09:00', [monday], '2030-01-08T09:00Z', false],
    ['00:00-00:00', [monday], '2030-01-06T23:59Z', false],
    ['00:00-00:00', [monday], '2030-01-07T00:00Z', true],
    ['00:00-00:00', [monday], '2030-01-07T23:59:59.999Z', true],
    ['00:00-00:00', [monday], '2030-01-08T00:00Z', false],
    ['00:00-00:00', all, '2030-01-09T15:00Z', true],
    ['23:59-00:00', [monday], '2030-01-07T23:59Z', true],
    ['23:59-00:00', [monday], '2030-01-08T00:00Z', false],
    ['00:00-23:59', [monday], '2030-01-07T23:58:59.999Z', true],
    ['00:00-23:59', [monday], '2030-01-07T23:59Z', false],
  ] as const)('of %s on %j, at %s: %s', ([span, days, time, isQuiet]) => {
    expect(isQuietAt(hours(span, 'UTC', days), at(time))).toBe(isQuiet);
  });

  it.for<readonly [string, string, string, string]>([
    ['half an hour beside the others', 'Asia/Kolkata', '2030-01-07T16:29Z', '2030-01-07T16:30Z'],
    ['three quarters of an hour beside', 'Asia/Kathmandu', '2030-01-07T16:14Z', '2030-01-07T16:15Z'],
    ['where it is Monday still', 'Pacific/Honolulu', '2030-01-08T07:59Z', '2030-01-08T08:00Z'],
    ['where it was Monday before', 'Pacific/Kiritimati', '2030-01-07T07:59Z', '2030-01-07T08:00Z'],
    ['by a name in any case', 'europe/lisbon', '2030-01-07T21:59Z', '2030-01-07T22:00Z'],
  ])('%s begin by the clock there', ([, timeZone, before, then]) => {
    const late = hours('22:00-23:00', timeZone, [monday]);
    expect([before, then].map((time) => isQuietAt(late, at(time)))).toEqual([false, true]);
  });

  it.for<readonly [string, string]>([
    ['summer', '2030-07-01T20:00Z'],
    ['winter', '2030-01-07T21:00Z'],
  ])('begin at the same time of day in %s', ([, time]) => {
    const late = hours('22:00-07:00', 'Europe/Berlin');
    expect([at(time) - 1, at(time)].map((ms) => isQuietAt(late, ms))).toEqual([false, true]);
  });

  it('are never in a zone that is not known', () => {
    for (const timeZone of ['Nowhere/At_All', '', 'UTC\0'])
      expect(isQuietAt(hours('00:00-00:00', timeZone), at('2030-01-07T12:00Z'))).toBe(false);
  });
});

/** When it is quiet in a night, asked every minute. */
function quietPieces(quiet: QuietHours, from: string, to: string): string[] {
  const step = 60_000;
  const pieces: string[] = [];
  let begun: number | undefined;
  for (let ms = at(from); ms <= at(to); ms += step) {
    const isQuiet = isQuietAt(quiet, ms) && ms < at(to);
    if (isQuiet) begun ??= ms;
    else if (begun !== undefined) {
      pieces.push([begun, ms].map((time) => new Date(time).toISOString().slice(8, 16)).join(' to '));
      begun = undefined;
    }
  }
  return pieces;
}

describe('the night in which clocks go forward, from 02:00 to 03:00', () => {
  const night = ['2026-03-28T12:00Z', '2026-03-29T12:00Z'] as const;
  it.for([
    ['lasts an hour less', '22:00-07:00', ['28T21:00 to 29T05:00']],
    ['begins when the skipped hour would be over', '02:30-06:00', ['29T01:00 to 29T04:00']],
    ['ends when the skipped hour begins', '22:00-02:30', ['28T21:00 to 29T01:00']],
    ['skips what lies in that hour', '02:15-02:45', []],
    ['is the next day once it has begun', '01:59-03:01', ['29T00:59 to 29T01:01']],
  ] as const)('%s', ([, span, pieces]) => {
    expect(quietPieces(hours(span, 'Europe/Berlin', [saturday, sunday]), ...night)).toEqual(pieces);
  });
});

describe('the night in which clocks go back, from 03:00 to 02:00', () => {
  const night = ['2026-10-24T12:00Z', '2026-10-25T12:00Z'] as const;
  it.for([
    ['lasts an hour more', '22:00-07:00', ['24T20:00 to 25T06:00']],
    ['has twice what the clock shows twice', '02:15-02:45', ['25T00:15 to 25T00:45', '25T01:15 to 25T01:45']],
    [
      'goes by the clock where it begins in that hour',
      '02:30-06:00',
      ['25T00:30 to 25T01:00', '25T01:30 to 25T05:00'],
    ],
    [
      'goes by the clock where it ends in that hour',
      '22:00-02:30',
      ['24T20:00 to 25T00:30', '25T01:00 to 25T01:30'],
    ],
  ] as const)('%s', ([, span, pieces]) => {
    expect(quietPieces(hours(span, 'Europe/Berlin', [saturday, sunday]), ...night)).toEqual(pieces);
  });

  it('may be half an hour longer only', () => {
    const lordHowe = hours('22:00-07:00', 'Australia/Lord_Howe');
    const pieces = quietPieces(lordHowe, '2026-04-04T02:00Z', '2026-04-05T02:00Z');
    expect(pieces).toEqual(['04T11:00 to 04T20:30']);
  });
});

describe('any quiet hours', () => {
  const seed = Math.floor(Math.random() * 1e9);
  /** Where clocks never change, a week is a circle of minutes, and quiet hours are pieces of it. */
  const offsets = { UTC: 0, 'Asia/Kathmandu': 345, 'Pacific/Kiritimati': 840 };
  it(`are pieces of a week (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (const _ of upTo(500)) {
      const { from, to, days } = randomHours(random);
      const length = to > from ? to - from : to - from + 1_440;
      for (const [timeZone, offset] of Object.entries(offsets)) {
        const minute = Math.floor(random() * 10_080);
        const inWeek = (minute + offset) % 10_080;
        const isQuiet = days.some((day) => (inWeek - day * 1_440 - from + 2 * 10_080) % 10_080 < length);
        const ms = at('2030-01-07T00:00Z') + minute * 60_000;
        const told = JSON.stringify({ from, to, days, timeZone, minute });
        expect(isQuietAt({ from, to, days, timeZone }, ms), told).toBe(isQuiet);
      }
    }
  });
});

describe('time zones', () => {
  it.for(['UTC', 'Europe/Lisbon', 'europe/lisbon', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'GMT'])(
    '%s is one',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  // An offset is none: it says nothing of summer.
  it.for([
    '',
    ' ',
    'Europe',
    'Europe/Atlantis',
    ' UTC',
    'UTC ',
    '+02:00',
    '-0330',
    '02:00',
    'local',
    'constructor',
  ])('"%s" is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('times of day', () => {
  it.for([
    ['00:00', 0],
    ['07:05', 425],
    ['19:59', 1_199],
    ['23:59', 1_439],
  ] as const)('%s is minute %i, and the other way round', ([time, minute]) => {
    expect(minuteOf(time)).toBe(minute);
    expect(timeOf(minute)).toBe(time);
  });

  it.for(['24:00', '23:60', '7:00', '07:0', '0700', '07:00:00', '-1:00', '07:00 ', '07:00\n', '٠٧:٠٠', ''])(
    '"%s" is none',
    (time) => {
      expect(minuteOf(time)).toBeUndefined();
    },
  );
});

describe('days', () => {
  it('are the same after they have been bits, in the order of the week', () => {
    for (const bits of upTo(127)) expect(bitsOf(daysIn(bits))).toBe(bits);
    expect(daysIn(bitsOf([6, 0, 3]))).toEqual([0, 3, 6]);
    expect(daysIn(0)).toEqual([]);
  });
});

describe('all this', () => {
  it('leaves out no branch', () => {
    expect(branches.missedIn('quiet-hours.ts')).toEqual([]);
    branches.close();
  });
});
