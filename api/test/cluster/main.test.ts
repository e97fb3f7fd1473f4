import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { isAlive, processes } from '../../../prisma/test/processes.ts';
import { createGroup, signUp } from '../client/people.ts';
import { cassandraCache, missingCassandra } from '../engines/cassandra.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { readLogByCql } from '../smoke/read-log-cassandra.ts';
import { missingHaproxy } from './haproxy.ts';

requires('haproxy', missingHaproxy);
requires('redis', missingRedis);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The command, on sources instead of what was built, with a temporary folder of its own. */
async function cluster(...flags: readonly string[]) {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), main, '--from', 'source', '--drain', '0', ...flags],
    {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: folder.path, PARLEY_CASSANDRA: cassandraCache },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  closers.push(async () => child.kill('SIGKILL'));
  const lines: string[] = [];
  const words: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => words.push(line));
  const ended = once(child, 'close').then(([code]) => code);
  const left = async () => [
    ...(await processes()).filter(({ args }) => args.includes(folder.path)).map(({ args }) => args),
    ...(await readdir(folder.path)).filter((name) => name.startsWith('parley')),
  ];
  return { child, lines, words, ended, left };
}

/** When a busy computer has started everything. */
const patience = { timeout: 90_000 };

describe('npm run cluster', { timeout: 300_000 }, () => {
  it('says where everything is, and stops all of it at a Ctrl-C', async () => {
    const { child, lines, words, ended, left } = await cluster(
      ...['--servers', '2', '--workers', '1', '--redis', '--port', String(await freePort())],
    );
    await expect.poll(() => lines.at(-1), patience).toBe('Ctrl-C stops all of it.');
    const [, url = ''] = /^Parley runs: (.*)$/m.exec(lines.join('\n')) ?? [];
    expect((await fetch(new URL('readyz', url))).status).toBe(200);
    expect(lines.filter((line) => line.startsWith('server-'))).toHaveLength(2);
    const [, metrics = ''] = /^worker-1: (\S+)/m.exec(lines.join('\n')) ?? [];
    expect((await fetch(metrics)).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended, words.join('\n')).toBe(0);
    expect(await left()).toEqual([]);
  });

  it('leaves nothing behind when it is killed', async () => {
    const { child, lines, ended, left } = await cluster(
      ...['--servers', '1', '--redis', '--port', String(await freePort())],
    );
    await expect.poll(() => lines.at(-1), patience).toBe('Ctrl-C stops all of it.');
    const [, pid] = /process (\d+)/.exec(lines.join('\n')) ?? [];
    expect(await isAlive(Number(pid))).toBe(true);
    child.kill('SIGKILL');
    await ended;
    await expect.poll(left, patience).toEqual([]);
    expect(await isAlive(Number(pid))).toBe(false);
  });

  it('keeps messages in a Cassandra when that is wanted, of which nothing is left either', async ({
    skip,
  }) => {
    if (missingCassandra !== undefined) skip(missingCassandra);
    const port = await freePort();
    const { child, lines, words, ended, left } = await cluster(
      ...['--servers', '1', '--log', 'cassandra', '--port', String(port)],
    );
    await expect.poll(() => lines.at(-1), { timeout: 180_000 }).toBe('Ctrl-C stops all of it.');
    const [, contactPoint = ''] = /^Cassandra: (.*)$/m.exec(lines.join('\n')) ?? [];
    const url = `http://127.0.0.1:${port}/graphql`;
    const ann = await signUp(url, 'ann');
    await createGroup(url, ann, { name: 'Two', members: [] });
    const rows = await readLogByCql({ contactPoint, keyspace: 'parley' });
    expect(
      rows.map(({ seq }) => seq),
      words.join('\n'),
    ).toContain('1');
    child.kill('SIGKILL');
    await ended;
    await expect.poll(left, patience).toEqual([]);
  });

  it('leaves nothing behind when something does not start, and says what', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    closers.push(async () => other.close());
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { words, ended, left } = await cluster('--servers', '1', '--port', String(port));
    expect(await ended).toBe(1);
    expect(words.join('\n')).toMatch(/HAProxy did not start.*cannot bind/is);
    expect(await left()).toEqual([]);
  });

  it.for([
    { flags: ['--servers', '2'], problem: /Several servers need Redis/ },
    { flags: ['--servers', '1', '--workers', '2'], problem: /Workers need Redis/ },
    { flags: ['--servers', '1', '--workers=-1'], problem: /--workers is a whole number of at least 0/ },
    { flags: ['--servers', '1', '--log', 'oracle'], problem: /--log is postgres or cassandra, not oracle/ },
    { flags: ['--servers', '0'], problem: /--servers is a whole number of at least 1/ },
  ])('refuses $flags in words', async ({ flags, problem }) => {
    const { words, ended } = await cluster(...flags);
    expect(await ended).toBe(1);
    expect(words.join('\n')).toMatch(problem);
  });
});
