import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { processes } from '../../../prisma/test/processes.ts';
import { missingHaproxy } from '../cluster/haproxy.ts';
import { cassandraCache, missingCassandra } from '../engines/cassandra.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Runs the smoke as its command line does, on sources instead of what was built, in a temporary folder of its own. */
async function smoke(...flags: readonly string[]) {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const main = join(import.meta.dirname, 'main.ts');
  const args = ['--import', import.meta.resolve('tsx'), main, '--json', '--from', 'source', ...flags];
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    TMPDIR: folder.path,
    PARLEY_CASSANDRA: cassandraCache,
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [lines, words] = ['', ''];
  child.stdout.on('data', (chunk) => {
    lines += chunk;
  });
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, words, lines: lines.split('\n').filter((line) => line !== ''), folder: folder.path };
}

/** More than a run of this size takes on a busy computer with one core; then it says how far it came. */
const mostSeconds = 200;
/** And time to end what it started. */
const enoughMs = mostSeconds * 1_000 + 40_000;
const promises = [
  'lost',
  'duplicated',
  'reordered',
  'skipped',
  'unexpectedResets',
  'unreadDrift',
  'leaked',
] as const;
const small = ['--people', '6', '--channels', '3', '--messages', '120', '--seconds', String(mostSeconds)];

describe('the smoke', { timeout: enoughMs }, () => {
  it('ends with 0 when sockets were cut, the server was killed and nothing was lost', async () => {
    const { code, lines, words } = await smoke(...small, '--kills', '1');
    expect(code, words).toBe(0);
    const report = JSON.parse(lines.join());
    expect(report).toMatchObject({ acked: 120, kills: 1 });
    for (const promise of promises) expect(report[promise], promise).toBe(0);
    expect(report.delivered).toBeGreaterThanOrEqual(120 * 2);
  });

  it('ends with 1, and says which promises were broken, when somebody spoils what the server says', async () => {
    const { code, lines, words } = await smoke(...small, '--sabotage', 'all');
    expect(code, words).toBe(1);
    expect(lines, words).toHaveLength(1);
    const report = JSON.parse(lines.join());
    for (const promise of promises)
      expect(report[promise], `${promise} in ${lines.join()}`).toBeGreaterThan(0);
  });

  it('ends with 1 when it takes too long, and leaves nothing behind', async () => {
    const { code, lines, words, folder } = await smoke('--seconds', '1');
    expect(code, words).toBe(1);
    expect(words).toContain('took longer than 1 s');
    expect(lines).toEqual([]);
    const left = (await readdir(folder)).filter((name) => name.startsWith('parley'));
    expect(left).toEqual([]);
    expect((await processes()).filter(({ args }) => args.includes(folder))).toEqual([]);
  });
});

describe('the smoke with several servers', { timeout: enoughMs }, () => {
  requires('haproxy', missingHaproxy);
  requires('redis', missingRedis);

  it('ends with 0 when three servers were killed, drained and cut off from each other, and nothing was lost', async () => {
    const { code, lines, words } = await smoke(...small, '--cluster', '--redis', '--kills', '4');
    expect(code, words).toBe(0);
    const report = JSON.parse(lines.join());
    for (const promise of promises) expect(report[promise], promise).toBe(0);
    const { kills, drains, postgresRestarts, redisWipes, redisCuts, redisPauses, redisKills } = report;
    const troubles = [kills, drains, postgresRestarts, redisWipes, redisCuts, redisPauses, redisKills];
    expect(troubles.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  it('ends with 0 when a Cassandra that keeps the messages was killed and paused, too', async ({ skip }) => {
    if (missingCassandra !== undefined) skip(missingCassandra);
    const { code, lines, words } = await smoke(
      ...[...small, '--cluster', '--servers', '1', '--log', 'cassandra', '--kills', '5'],
    );
    expect(code, words).toBe(0);
    const report = JSON.parse(lines.join());
    for (const promise of promises) expect(report[promise], promise).toBe(0);
    expect(report).toMatchObject({ acked: 120, cassandraKills: 1, cassandraPauses: 1, postgresRestarts: 1 });
  });

  it.for([
    { flags: ['--cluster', '--log', 'oracle'], problem: '--log is postgres or cassandra, not oracle' },
    { flags: ['--log', 'cassandra'], problem: '--log belong to --cluster' },
  ])('refuses $flags in words', async ({ flags, problem }) => {
    const { code, words } = await smoke(...flags);
    expect([code, words]).toEqual([1, expect.stringContaining(problem)]);
  });
});
