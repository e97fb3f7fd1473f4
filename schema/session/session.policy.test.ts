import { expect, it } from 'vitest';
import { standingOf } from './session.policy.ts';

it.for([
  // hasEnded, generation, usedGeneration, isNewestUsed
  [false, 1, 0, false, 'first'], // the token of the sign-in
  [false, 1, 1, true, 'again'], // its answer was lost
  [false, 2, 1, false, 'first'], // a successor
  [false, 1, 2, false, 'dead'], // its successor has been used
  [false, 2, 2, false, 'dead'], // its sibling has been used
  [false, 2, 2, true, 'again'],
  [false, 1, 9, false, 'dead'],
  [false, 10, 9, false, 'first'],
  [true, 10, 9, false, 'ended'],
  [true, 9, 9, true, 'ended'],
  [true, 1, 9, false, 'ended'],
] as const)('ended %j, generation %i of a token, %i of the newest used one, itself %j: %s', (row) => {
  const [hasEnded, generation, usedGeneration, isNewestUsed, standing] = row;
  expect(standingOf({ hasEnded, generation, usedGeneration, isNewestUsed })).toBe(standing);
});
