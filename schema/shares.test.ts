import { expect, it } from 'vitest';
import { userIdOf } from './ids.ts';
import { createShares } from './shares.ts';

const [ada, bob] = [userIdOf(1n), userIdOf(2n)];

it('nobody holds more than their share, and what is given back is there again', () => {
  const shares = createShares(10, 'At most 10.');
  const giveBack = shares.take(ada, 8);
  shares.take(ada, 2);
  expect(() => shares.take(ada)).toThrow('At most 10.');
  expect(() => shares.take(ada, 200)).toThrow(
    expect.objectContaining({ extensions: { code: 'RATE_LIMITED', retryAfterMs: 1_000 } }),
  );
  shares.take(bob, 10);
  expect(shares.total).toBe(20);
  giveBack();
  giveBack();
  expect(shares.total).toBe(12);
  shares.take(ada, 8);
  expect(() => shares.take(ada)).toThrow('At most 10.');
});
