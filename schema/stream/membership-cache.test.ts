import { expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../ids.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { upTo } from '../ports/random.contract.ts';
import { createMembershipCache, maxAgeMs, maxEntries } from './membership-cache.ts';

const [user, channel] = [userIdOf(1n), channelIdOf(1n)];

/** Rows that are read as often as they are asked for. */
function world() {
  const clock = createManualClock(1_000_000);
  const state = { reads: 0, isDown: false };
  const of = async () => {
    state.reads += 1;
    if (state.isDown) throw new Error('down');
    return [];
  };
  return { clock, state, ...createMembershipCache({ of }, clock) };
}

it('reads once for all who ask within two seconds', async () => {
  const { get, state, clock } = world();
  await Promise.all(upTo(10).map(() => get(user, channel)));
  await clock.advance(maxAgeMs - 1);
  await get(user, channel);
  expect(state.reads).toBe(1);
  await clock.advance(1);
  await get(user, channel);
  expect(state.reads).toBe(2);
});

it('keeps nothing longer when the clock is set back', async () => {
  const { state } = world();
  let now = 1_000_000;
  const of = async () => {
    state.reads += 1;
    return [];
  };
  const { get } = createMembershipCache({ of }, { now: () => now, sleep: async () => undefined });
  await get(user, channel);
  now -= 3_600_000;
  await get(user, channel);
  expect(state.reads).toBe(2);
});

it('forgets a channel whose members have changed', async () => {
  const { get, forget, state } = world();
  await get(user, channel);
  await get(user, channelIdOf(2n));
  forget(channel);
  await get(user, channel);
  await get(user, channelIdOf(2n));
  expect(state.reads).toBe(3);
});

it('does not keep a failure', async () => {
  const { get, state } = world();
  state.isDown = true;
  await expect(get(user, channel)).rejects.toThrow('down');
  state.isDown = false;
  expect(await get(user, channel)).toBeUndefined();
});

it('keeps so many at most, the newest', async () => {
  const { get, state } = world();
  for (const n of upTo(maxEntries + 1)) await get(user, channelIdOf(BigInt(n)));
  await get(user, channelIdOf(BigInt(maxEntries + 1)));
  expect(state.reads).toBe(maxEntries + 1);
  await get(user, channelIdOf(1n));
  expect(state.reads).toBe(maxEntries + 2);
});
