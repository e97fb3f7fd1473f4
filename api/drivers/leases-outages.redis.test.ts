import { describe, expect, it, vi } from 'vitest';
import { graceMs, type Leases, leaseMs, type Orphan, reapMs, renewMs } from '../../schema/ports/leases.ts';
import { openTcpProxy } from '../test/client/tcp-proxy.ts';
import { missingRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisLeasesWorld, type RedisLeasesWorld } from './test/redis-leases.ts';

// What happens to leases when Redis is gone for a while, has lost its memory, or answers so late that nobody listens any more.

requires('redis', missingRedis);

const inWorld = (test: (world: RedisLeasesWorld) => Promise<void>) => async () => {
  const world = await openRedisLeasesWorld();
  try {
    await test(world);
  } finally {
    await world.close();
  }
};

const key = 'presence:1';
const entriesOf = async (leases: Leases) =>
  ((await leases.of([key])).get(key)?.claims ?? []).map(({ entry }) => entry).sort();

/** Processes that each hold a claim, and claim it again when they hear that it is lost. */
async function openHolders(world: RedisLeasesWorld, names: readonly string[], ports: readonly number[] = []) {
  const orphaned: Orphan[] = [];
  const lost: string[] = [];
  const all = await Promise.all(
    names.map(async (entry, nth) => {
      const leases = await world.open({ port: ports[nth] });
      const claim = () => leases.claim(key, { entry, value: 1 });
      leases.onOrphaned((orphans) => orphaned.push(...orphans));
      leases.onLost(() => {
        lost.push(entry);
        void claim();
      });
      await claim();
      return leases;
    }),
  );
  const one = all[0];
  if (!one) throw new Error('Nobody was opened.');
  return { one, all, orphaned, lost };
}
const both = ['laptop', 'phone'];
/** It is waited for in real time, by all tests at once. */
const slowly = { timeout: 90_000, concurrent: true };
const within = (timeout: number) => ({ timeout, interval: 50 });

describe('leases on a Redis that fails', slowly, () => {
  it(
    'are claimed again as soon as it is back, empty, and nobody is taken for dead',
    inWorld(async (world) => {
      const { one, orphaned, lost } = await openHolders(world, both);
      await world.server.kill();
      await expect(one.of([key])).rejects.toThrow();
      await expect(one.claim(key, { entry: 'x', value: 1 })).rejects.toThrow();
      await world.server.startAgain();
      await vi.waitFor(async () => expect(await entriesOf(one)).toEqual(both), within(10_000));
      await world.advance(leaseMs + reapMs);
      expect(await entriesOf(one)).toEqual(both);
      expect([lost.sort(), orphaned]).toEqual([both, []]);
    }),
  );

  it(
    'are claimed again soon after it has lost its memory',
    inWorld(async (world) => {
      const { one, orphaned, lost } = await openHolders(world, both);
      await world.redisOf(one).flushall();
      await vi.waitFor(async () => expect(await entriesOf(one)).toEqual(both), within(renewMs + 2_000));
      expect([lost.sort(), orphaned]).toEqual([both, []]);
    }),
  );

  it(
    'stand on when it stood still for longer than a lease: they could not be renewed, and nobody died',
    inWorld(async (world) => {
      const { one, orphaned, lost } = await openHolders(world, both);
      world.server.pause();
      await world.advance(leaseMs + 2_000);
      world.server.resume();
      await vi.waitFor(async () => expect(await entriesOf(one)).toEqual(both), within(10_000));
      await world.advance(leaseMs + reapMs);
      expect(await entriesOf(one)).toEqual(both);
      expect([lost, orphaned]).toEqual([[], []]);
    }),
  );

  it(
    'stand on when it cannot be reached for longer than that, and one finds the way back before the other',
    inWorld(async (world) => {
      const { port: targetPort } = world.server;
      const ways = [await openTcpProxy({ targetPort }), await openTcpProxy({ targetPort })];
      const ports = ways.map(({ port }) => port);
      const { one, orphaned, lost } = await openHolders(world, both, ports);
      for (const way of ways) await way.close();
      await world.advance(leaseMs + 2_000);
      const again = [await openTcpProxy({ targetPort, port: ports[0] })];
      await world.advance(2 * reapMs);
      again.push(await openTcpProxy({ targetPort, port: ports[1] }));
      await vi.waitFor(async () => expect(await entriesOf(one)).toEqual(both), within(15_000));
      await world.advance(leaseMs + reapMs);
      expect(await entriesOf(one)).toEqual(both);
      expect([lost, orphaned]).toEqual([[], []]);
      for (const way of again) await way.close();
    }),
  );

  it(
    'of a process that died meanwhile are handed on all the same, later',
    inWorld(async (world) => {
      const { all, orphaned } = await openHolders(world, both);
      const [dead, living] = all;
      if (!dead || !living) throw new Error('Two were opened.');
      world.server.pause();
      await world.kill(dead);
      await world.advance(leaseMs);
      world.server.resume();
      await vi.waitFor(() => expect(orphaned).toHaveLength(1), within(2 * leaseMs));
      expect(orphaned).toMatchObject([{ key, entry: 'laptop', from: dead.holder }]);
    }),
  );
});

describe('what a dead process held', slowly, () => {
  it(
    'is handed on by the hundred, each claim to one survivor and once',
    inWorld(async (world) => {
      const { all, orphaned } = await openHolders(world, ['dead', 'one', 'two']);
      const [dead] = all;
      if (!dead) throw new Error('Three were opened.');
      const names = Array.from({ length: 1_200 }, (_, nth) => `device ${nth} %`);
      for (const entry of names) await dead.claim('many keys', { entry, value: { entry } });
      await world.kill(dead);
      await vi.waitFor(() => expect(orphaned).toHaveLength(1_201), within(leaseMs + reapMs + 2_000));
      await world.advance(2 * reapMs);
      const handed = orphaned.filter((orphan) => orphan.key === 'many keys');
      expect(handed.map(({ entry }) => entry).sort()).toEqual(names.toSorted());
      expect(handed.every(({ entry, value }) => JSON.stringify(value) === JSON.stringify({ entry }))).toBe(
        true,
      );
    }),
  );

  it(
    'reaches a survivor also when the answer that told of it was lost',
    inWorld(async (world) => {
      const { all, orphaned } = await openHolders(world, ['dead', 'one']);
      const [dead, one] = all;
      if (!dead || !one) throw new Error('Two were opened.');
      await world.kill(dead);
      const redis = world.redisOf(one);
      await redis.zadd('leases:ends', 1, dead.holder);
      // Asked for in the name of the survivor, which does not hear the answer.
      const space = `${world.prefixOf(one)}leases:`;
      await redis.reapLeases(
        ...(['leases:ends', 'leases:since', `leases:handed:${one.holder}`] as const),
        ...([one.holder, world.now() + 1_000, graceMs, 500, space] as const),
      );
      expect(orphaned).toEqual([]);
      await vi.waitFor(() => expect(orphaned).toHaveLength(1), within(reapMs + 2_000));
      expect(orphaned).toMatchObject([{ key, entry: 'dead', from: dead.holder }]);
      await one.drop(key, 'dead', dead.holder);
      await world.advance(2 * reapMs);
      expect(orphaned).toHaveLength(1);
    }),
  );
});

describe('a process whose clock is wrong', slowly, () => {
  it.each([-3_600_000, 3_600_000])('by %i ms claims and inherits for as long as it means', (aheadMs) =>
    inWorld(async (world) => {
      const [wrong, right] = [await world.open({ aheadMs }), await world.open()];
      const orphaned: Orphan[] = [];
      wrong.onOrphaned((orphans) => orphaned.push(...orphans));
      await wrong.claim(key, { entry: 'soon', value: 1, until: world.now() + aheadMs + 3_000 });
      expect(await entriesOf(right)).toEqual(['soon']);
      await world.advance(3_300);
      expect(await entriesOf(right)).toEqual([]);
      await right.claim(key, { entry: 'phone', value: 1 });
      await world.kill(right);
      // On a busy computer it is found later, and then less is left; that of a wrong clock would be an hour more, or less.
      const lateMs = 8_000;
      await vi.waitFor(() => expect(orphaned).toHaveLength(1), within(leaseMs + reapMs + lateMs));
      const leftMs = (orphaned[0]?.until ?? 0) - (world.now() + aheadMs);
      expect(leftMs).toBeGreaterThan(graceMs - lateMs);
      expect(leftMs).toBeLessThanOrEqual(graceMs + 100);
    })(),
  );
});
