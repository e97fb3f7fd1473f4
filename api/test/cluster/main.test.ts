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
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
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
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: folder.path },
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

describe('npm run cluster', { timeout: 200_000 }, () => {
  it('says where everything is, and stops all of it at a Ctrl-C', async () => {
    const { child, lines, words, ended, left } = await cluster(
      ...['--servers', '2', '--redis', '--port', String(await freePort())],
    );
    await expect.poll(() => lines.at(-1), patience).toBe('Ctrl-C stops all of it.');
    const [, url = ''] = /^Parley runs: (.*)$/m.exec(lines.join('\n')) ?? [];
    expect((await fetch(new URL('readyz', url))).status).toBe(200);
    expect(lines.filter((line) => line.startsWith('server-'))).toHaveLength(2);
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
    { flags: ['--workers', '2'], problem: /--workers: there are none yet/ },
    { flags: ['--servers', '1', '--log', 'cassandra'], problem: /--log: only postgres so far/ },
    { flags: ['--servers', '0'], problem: /--servers is a whole number of at least 1/ },
  ])('refuses $flags in words', async ({ flags, problem }) => {
    const { words, ended } = await cluster(...flags);
    expect(await ended).toBe(1);
    expect(words.join('\n')).toMatch(problem);
  });
});
