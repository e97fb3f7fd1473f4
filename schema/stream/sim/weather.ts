import { createChance } from './chance.ts';

/** What one run has to stand. All rates are per call or hint; all times in virtual milliseconds. */
export type Weather = {
  readonly servers: number;
  /** Nothing fails and nothing is slow: whatever is committed must be there at once. */
  readonly isCalm: boolean;
  readonly hints: { readonly lost: number; readonly repeated: number; readonly lateMs: number };
  /** An append whose outcome is not told. */
  readonly unknown: number;
  /** A read, or a change of rows, that fails. */
  readonly failing: number;
  /** A call that takes seconds. */
  readonly stalling: number;
  /** A server that dies between two calls, at some call. */
  readonly crashing: number;
  /** Times at which something happens to some server, or to all. */
  readonly crashes: number;
  readonly deploys: number;
  readonly interruptions: number;
  readonly pauses: number;
  readonly outages: number;
  /** The store goes back to an earlier moment, with or without a new epoch. */
  readonly restore: 'none' | 'new epoch' | 'same epoch';
  /** More than a thousand events while a device is away. */
  readonly isFlooded: boolean;
  /** How long readers wait between two events, at most. */
  readonly slownessMs: number;
  /** How long a subscription lasts. */
  readonly sessionMs: readonly [number, number];
};

/** How long it lasts, and how long after that everybody must have everything (promise G6: 30 s, and what is on its way). */
export const chaosMs = 25_000;
export const lateEffectMs = 6_000;
export const healingMs = lateEffectMs + 34_000;

const calm: Weather = {
  servers: 2,
  isCalm: true,
  hints: { lost: 0, repeated: 0, lateMs: 10 },
  unknown: 0,
  failing: 0,
  stalling: 0,
  crashing: 0,
  crashes: 0,
  deploys: 5,
  interruptions: 0,
  pauses: 0,
  outages: 0,
  restore: 'none',
  isFlooded: false,
  slownessMs: 0,
  sessionMs: [4_000, 60_000],
};

/** Every fourth run is calm; one in twenty has a store restored, one in fifty a flood. */
export function weatherOf(seed: number): Weather {
  const chance = createChance(seed * 7_919 + 13);
  const servers = chance.between(2, 3);
  if (seed % 4 === 0) return { ...calm, servers };
  return {
    servers,
    isCalm: false,
    hints: {
      lost: chance.pick([0, 0.1, 0.4]),
      repeated: chance.pick([0, 0.2]),
      lateMs: chance.pick([20, 300, 3_000]),
    },
    unknown: chance.pick([0, 0.05, 0.25]),
    failing: chance.pick([0, 0.01, 0.05]),
    stalling: chance.pick([0, 0.01, 0.04]),
    crashing: chance.pick([0, 0.001, 0.004]),
    crashes: chance.between(0, 3),
    deploys: chance.between(0, 1),
    interruptions: chance.between(0, 2),
    pauses: chance.between(0, 3),
    outages: chance.pick([0, 0, 1]),
    restore: seed % 20 === 7 ? 'new epoch' : seed % 20 === 13 ? 'same epoch' : 'none',
    isFlooded: seed % 50 === 9,
    slownessMs: chance.pick([0, 100, 1_500]),
    sessionMs: chance.pick([
      [300, 3_000],
      [1_000, 12_000],
    ] as const),
  };
}
