import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, type Keeper } from '../../../bench/server-process.ts';
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

/** A Redis in a process of its own that keeps nothing on disk, unless it is told to. */
export type RedisServer = {
  readonly port: number;
  readonly url: string;
  /** Its process; undefined while it does not run. */
  pid(): number | undefined;
  /** As `kill -9`: its memory is gone. */
  kill(): Promise<void>;
  /** After a kill: on the same port, and empty. `snapshot`: with what the last `SAVE` kept, if there was one. */
  startAgain(from?: 'snapshot'): Promise<void>;
  /** It stands still: connections stay, nobody is answered. */
  pause(): void;
  resume(): void;
  /** A command as `redis-cli` takes it. Resolves with the answer as it comes over the wire; rejects when there is none. */
  tell(command: string): Promise<string>;
  close(): Promise<void>;
};

/** It is there in some 20 ms; a busy computer is forgiven. */
const readyMs = 20_000;
const askAgainMs = 10;

/**
 * `flags`: what else it is told on its command line, `--maxmemory 1mb` as two of them for example; the first may be the file of a
 * configuration. `keeper`: see there.
 */
export async function startRedis(flags: readonly string[] = [], keeper?: Keeper): Promise<RedisServer> {
  const folder = await makeTempFolder();
  keeper?.sweep(folder.path);
  const port = await freePort();
  const start = () => run({ port, dir: folder.path, keeper }, flags);
  let child = await start();
  const kill = async () => {
    if (!isRunning(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL'); // also ends one that is paused
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: () => (isRunning(child) ? child.pid : undefined),
    kill,
    async startAgain(from) {
      if (from === undefined) await rm(join(folder.path, 'dump.rdb'), { force: true });
      child = await start();
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    tell: (command) => tell(port, command),
    async close() {
      await kill();
      await folder.remove();
    },
  };
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

type Running = { readonly port: number; readonly dir: string; readonly keeper: Keeper | undefined };

async function run({ port, dir, keeper }: Running, flags: readonly string[]): Promise<ChildProcess> {
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
  const isFile = flags[0]?.startsWith('/') === true; // Redis looks for one in the first place only
  const args = isFile ? [...flags, ...quiet] : [...quiet, ...flags];
  const child = spawn(program, args, { stdio: 'ignore', detached: keeper !== undefined });
  keeper?.keep(child);
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

/** Whether it answers `PING`, if only by asking who that is. */
const answers = (port: number) =>
  tell(port, 'PING').then(
    (answer) => /^\+PONG|^-NOAUTH/.test(answer),
    () => false,
  );

const answerMs = 1_000;

/** What it answers to a command, as far as that comes at once. */
function tell(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    const fail = (problem: Error) => {
      socket.destroy();
      reject(problem);
    };
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
    socket.once('error', fail);
    socket.setTimeout(answerMs, () => fail(new Error(`Redis did not answer \`${command}\`.`)));
  });
}
