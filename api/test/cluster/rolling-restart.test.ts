import { afterEach, describe, expect, it } from 'vitest';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { isClean, judge } from '../smoke/judge.ts';
import { missingHaproxy } from './haproxy.ts';
import { type Cluster, openCluster } from './open-cluster.ts';
import { openTraffic, type SocketChange, type Traffic } from './traffic.ts';

requires('haproxy', missingHaproxy);
requires('redis', missingRedis);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const drainSeconds = 5;
/** What DRAIN_SECONDS is at most in a fleet: whatever it is, by then every socket of a server is with another one. */
const movedMs = 20_000;
/**
 * Sockets are sent away evenly, so a fifth of them in each of five seconds (api/in-steps.test.ts). A
 * busy computer comes to some of them late, and then to several together, but never to all.
 */
const mostInOneSecond = 0.75;
/** Three servers from their sources, each started twice, on a busy computer. */
const enoughMs = 240_000;

type Restart = { readonly stoppedAt: number; readonly startedAt: number; readonly code: number | null };

/** As a deploy goes over a fleet: the next server is touched when the last one is ready again, and every client has a server. */
async function restartAll({ servers }: Cluster, traffic: Traffic): Promise<Restart[]> {
  const restarts: Restart[] = [];
  for (const server of servers) {
    const stoppedAt = performance.now();
    const code = await server.stop();
    await server.startAgain();
    restarts.push({ stoppedAt, startedAt: performance.now(), code });
    await expect.poll(traffic.withoutSocket, { timeout: movedMs }).toEqual([]);
    await traffic.goesOn();
  }
  return restarts;
}

describe('three servers that are restarted one after the other while people talk', {
  timeout: enoughMs,
}, () => {
  it('refuse nothing, lose nothing, repeat nothing, and send their sockets away one by one', async () => {
    const cluster = await openCluster({
      ...{ servers: 3, isRedis: true, from: 'source' },
      settings: { DRAIN_SECONDS: String(drainSeconds) },
    });
    closers.push(cluster.close);
    const traffic = await openTraffic(cluster);
    closers.push(traffic.close);
    await traffic.goesOn();
    const restarts = await restartAll(cluster, traffic);
    const history = await traffic.end();

    expect(history.sent.filter(({ acknowledged }) => acknowledged === undefined)).toEqual([]);
    const judgement = judge(history);
    expect(isClean(judgement), JSON.stringify(judgement)).toBe(true);
    for (const { code, ...times } of restarts) {
      expect(code).toBe(0);
      const moved = movesIn(traffic.sockets, times);
      expect(moved.length).toBeGreaterThanOrEqual(5); // of 24, on three servers
      for (const { code: closedWith, openedAt } of moved) {
        expect(closedWith).toBe(1012);
        expect(openedAt - times.stoppedAt).toBeLessThan(movedMs);
      }
      expect(mostAtOnce(moved.map(({ openedAt }) => openedAt))).toBeLessThanOrEqual(
        Math.ceil(moved.length * mostInOneSecond),
      );
      // Nobody waited for the end of the restart: while it went on, messages went on.
      const during = history.sent.filter(
        ({ acknowledged: { at = 0 } = {} }) => at > times.stoppedAt && at < times.startedAt,
      );
      expect(during.length).toBeGreaterThan(drainSeconds);
    }
  });
});

type Move = { readonly code: number; readonly openedAt: number };

/** Open sockets that were closed in this time, with the next one of the same device. */
function movesIn(sockets: readonly SocketChange[], { stoppedAt, startedAt }: Omit<Restart, 'code'>): Move[] {
  return sockets.flatMap(({ device, what, at }, nth) => {
    if (what === 'opened' || at < stoppedAt || at > startedAt) return [];
    const isOfDevice = (other: SocketChange) => other.device === device;
    // What was not open is an attempt in vain, and the client tries again.
    if (sockets.slice(0, nth).findLast(isOfDevice)?.what !== 'opened') return [];
    const next = sockets.slice(nth).find((later) => isOfDevice(later) && later.what === 'opened');
    return [{ code: what.code, openedAt: next?.at ?? Number.POSITIVE_INFINITY }];
  });
}

/** The most of these moments that lie within one second of each other. */
const mostAtOnce = (moments: readonly number[]): number =>
  Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length));
