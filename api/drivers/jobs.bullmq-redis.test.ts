import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import { handlers, jobsContract, sweep, wake } from '../../schema/ports/jobs.contract.ts';
import type { Jobs } from '../../schema/ports/jobs.ts';
import { missingRedis, type RedisServer, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openBullJobs } from './jobs.bullmq.ts';
import { openRedis } from './redis-connection.ts';
import { openRedisJobs } from './test/bull-jobs.ts';

requires('redis', missingRedis);

jobsContract('BullMQ in Redis', openRedisJobs);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function openServer(flags: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis(flags);
  closers.push(server.close);
  return server;
}
type Given = { readonly installation?: string; readonly clock?: Clock };
async function openJobs(
  url: string,
  { installation = 'a test', clock = systemClock }: Given = {},
): Promise<{ jobs: Jobs; warnings: string[] }> {
  const warnings: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => warnings.push(JSON.parse(line).msg) });
  const redis = await openRedis(url, { logger: pino({ enabled: false }), installation });
  closers.push(redis.close);
  const jobs = await openBullJobs({ store: { redis }, logger, clock });
  closers.push(jobs.close);
  return { jobs, warnings };
}

describe('jobs in a Redis', () => {
  it('of one installation are not those of another', async () => {
    const { url } = await openServer();
    const [{ jobs: ours }, { jobs: theirs }] = [
      await openJobs(url, { installation: 'one' }),
      await openJobs(url, { installation: 'two' }),
    ];
    await ours.add([wake('a')]);
    expect(await theirs.counts()).toEqual({ waiting: 0, running: 0 });
    expect(await ours.counts()).toEqual({ waiting: 1, running: 0 });
  });

  it('need no more rights than the manual gives: keys and topics of ours, and INFO', async () => {
    const { url, tell } = await openServer();
    await tell('ACL SETUSER parley on >secret ~parley:* &parley:* +@all -@admin -@dangerous +info');
    const { jobs, warnings } = await openJobs(url.replace('//', '//parley:secret@'));
    let done = 0;
    const count = async () => {
      done += 1;
    };
    await jobs.work(handlers({ wakeChannel: count, sweep: count }), { atOnce: 2 });
    await jobs.repeat(sweep, 100);
    await jobs.add([wake('a'), wake('b', 50), wake('c')]);
    await expect.poll(() => done).toBeGreaterThan(5);
    expect(warnings).toEqual([]);
  });

  it('may be thrown out by one that evicts: a start warns of that', async () => {
    const { url } = await openServer(['--maxmemory-policy', 'allkeys-lru']);
    const { warnings } = await openJobs(url);
    expect(warnings).toEqual([expect.stringContaining('noeviction')]);
  });

  it('are gone with its memory, and what is done again and again goes on', async () => {
    const { url, tell } = await openServer();
    const { jobs } = await openJobs(url);
    let done = 0;
    const count = async () => {
      done += 1;
    };
    await jobs.work(handlers({ sweep: count }), { atOnce: 2 });
    await jobs.add([wake('a', 3_600_000)]);
    await jobs.repeat(sweep, 200);
    await expect.poll(() => done).toBeGreaterThan(1);
    await tell('FLUSHALL');
    const before = done;
    await expect.poll(() => done, { timeout: 20_000 }).toBeGreaterThan(before + 2);
    expect((await jobs.counts()).waiting).toBeLessThanOrEqual(1);
  }, 30_000);

  it('that are done again and again are done soon when it has forgotten them, not only after their whole time', async () => {
    const { url, tell } = await openServer();
    const clock = createManualClock(1_000);
    const { jobs } = await openJobs(url, { clock });
    let done = 0;
    const count = async () => {
      done += 1;
    };
    await jobs.work(handlers({ sweep: count }), { atOnce: 2 });
    await jobs.repeat(sweep, 3_600_000);
    await expect.poll(() => done).toBe(1);
    await clock.advance(900_000);
    expect(await jobs.counts()).toEqual({ waiting: 1, running: 0 });
    await tell('FLUSHALL');
    await clock.advance(900_000);
    await expect.poll(() => done).toBe(2);
  });
});
