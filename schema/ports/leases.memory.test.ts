import { expect, it } from 'vitest';
import { createManualClock } from './clock.manual.ts';
import { createStallingClock, leasesContract } from './leases.contract.ts';
import { createLeaseSpace, openMemoryLeases } from './leases.memory.ts';
import type { Leases } from './leases.ts';

leasesContract('memory', async () => {
  const [clock, space] = [createManualClock(1_717_171_717_171), createLeaseSpace()];
  type Opened = { readonly kill: () => void; readonly stall: (during: () => Promise<void>) => Promise<void> };
  const opened = new Map<Leases, Opened>();
  return {
    async open() {
      const { clock: own, stall } = createStallingClock(clock);
      const { kill, ...leases } = openMemoryLeases({ clock: own, space });
      opened.set(leases, { kill, stall });
      return leases;
    },
    kill: async (leases) => opened.get(leases)?.kill(),
    stall: async (leases, ms) => opened.get(leases)?.stall(() => clock.advance(ms)),
    now: clock.now,
    advance: clock.advance,
    async close() {
      for (const { kill } of opened.values()) kill();
    },
  };
});

it('forgets what nobody claims any more', async () => {
  const [clock, space] = [createManualClock(1), createLeaseSpace()];
  const leases = openMemoryLeases({ clock, space });
  for (let n = 0; n < 1_000; n += 1)
    await leases.claim(`key:${n}`, { entry: 'a', value: 1, until: clock.now() + 10 });
  await clock.advance(20);
  for (let n = 0; n < 1_000; n += 1) await leases.drop(`key:${n}`, 'a');
  await clock.advance(620_000);
  expect(space.keys.size).toBe(0);
  await leases.close();
  expect(space.renewedAt.size).toBe(0);
});
