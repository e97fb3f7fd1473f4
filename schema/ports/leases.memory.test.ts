import { expect, it } from 'vitest';
import { createManualClock } from './clock.manual.ts';
import { leasesContract } from './leases.contract.ts';
import { createLeaseSpace, openMemoryLeases } from './leases.memory.ts';
import type { Leases } from './leases.ts';

leasesContract('memory', async () => {
  const [clock, space] = [createManualClock(1_717_171_717_171), createLeaseSpace()];
  const opened = new Map<Leases, () => void>();
  return {
    async open() {
      const { kill, ...leases } = openMemoryLeases({ clock, space });
      opened.set(leases, kill);
      return leases;
    },
    kill: async (leases) => opened.get(leases)?.(),
    now: clock.now,
    advance: clock.advance,
    async close() {
      for (const kill of opened.values()) kill();
    },
  };
});

it('forgets what nobody claims any more', async () => {
  const [clock, space] = [createManualClock(1), createLeaseSpace()];
  const leases = openMemoryLeases({ clock, space });
  for (let n = 0; n < 1_000; n += 1) await leases.claim(`key:${n}`, 'a', 1, clock.now() + 10);
  await clock.advance(20);
  for (let n = 0; n < 1_000; n += 1) await leases.drop(`key:${n}`, 'a');
  await clock.advance(620_000);
  expect(space.keys.size).toBe(0);
  await leases.close();
  expect(space.renewedAt.size).toBe(0);
});
