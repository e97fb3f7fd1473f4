import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';

/** Where a Redis is usually found; the first that is there is taken. */
const places = [
  '/usr/bin/redis-server',
  '/usr/local/bin/redis-server',
  '/opt/homebrew/bin/redis-server',
] as const;
const program = places.find((place) => existsSync(place));

/** What this machine lacks for Redis, in words; undefined when nothing. */
export const missingRedis =
  program === undefined
    ? `there is none of ${places.join(', ')}: install the package redis-server of Debian.`
    : undefined;

/** A Redis in a process of its own that keeps nothing on disk. */
export type RedisServer = {
  readonly port: number;
  readonly url: string;
  /** As `kill -9`: its memory is gone. */
  kill(): Promise<void>;
  /** After a kill: on the same port, and empty. */
  startAgain(): Promise<void>;
  /** It stands still: connections stay, nobody is answered. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

/** It is there in some 20 ms; a busy computer is forgiven. */
const readyMs = 20_000;
const askAgainMs = 10;

/** `flags`: what else it is told on its command line, `--maxmemory 1mb` as two of them for example. */
export async function startRedis(flags: readonly string[] = []): Promise<RedisServer> {
  const folder = await makeTempFolder();
  const port = await freePort();
  const start = () => run(port, folder.path, flags);
  let child = await start();
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL'); // also ends one that is paused
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async startAgain() {
      child = await start();
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async close() {
      await kill();
      await folder.remove();
    },
  };
}

async function run(port: number, dir: string, flags: readonly string[]): Promise<ChildProcess> {
  if (program === undefined) throw new Error(`Redis cannot be started: ${missingRedis}`);
  const quiet = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    dir,
  ];
  const child = spawn(program, [...quiet, ...flags], { stdio: 'ignore' });
  const deadline = Date.now() + readyMs;
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`Redis did not start on port ${port}.`);
    }
    await pause(askAgainMs);
  }
  return child;
}

/** Whether it answers `PING`. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const finish = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', (data) => finish(String(data).startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
