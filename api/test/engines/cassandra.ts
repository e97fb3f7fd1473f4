import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, type Keeper } from '../../../bench/server-process.ts';
import { run as runProgram } from '../../../prisma/embedded/run.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import {
  argumentsOf,
  type CassandraOptions,
  type CassandraPlace,
  nodetoolArguments,
  writeConfig,
} from './cassandra-config.ts';

const java = '/usr/bin/java';

function findJars(): string | undefined {
  const installer = join(packageRoot, '.ci', 'cassandra');
  if (!existsSync(installer) || !existsSync(java)) return undefined;
  const folder = execFileSync(installer, ['--folder'], { encoding: 'utf8' }).trim();
  return existsSync(join(folder, 'complete')) ? join(folder, 'lib') : undefined;
}
const jars = findJars();

/** Where they are fetched to, for who starts something in another environment: its PARLEY_CASSANDRA. */
export const cassandraCache = jars === undefined ? '' : dirname(dirname(jars));

/** What this machine lacks for Cassandra, in words; undefined when nothing. */
export const missingCassandra =
  jars === undefined ? 'its jars or Java 17 are not there: run .ci/cassandra, once.' : undefined;

/** A Cassandra of one node, in a process of its own; what it has acknowledged is on disk. */
export type CassandraServer = {
  readonly port: number;
  /** As a client names it: host and port. */
  readonly contactPoint: string;
  /** Where it has everything. */
  readonly folder: string;
  /** As an operator does it, for one that was started `withNodetool`. Rejects with its words when it fails. */
  nodetool(...words: readonly string[]): Promise<void>;
  /** As `kill -9`. What is in its folder stays. */
  kill(): Promise<void>;
  /** After a kill: on the same port, with the same data. */
  startAgain(): Promise<void>;
  /** It stands still: connections stay, nobody is answered. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

export type StartOptions = CassandraOptions & {
  /** Where it is to listen, and to keep its data; absent: a free port, and a folder that goes when it is closed. */
  readonly port?: number;
  readonly folder?: string;
  readonly withNodetool?: boolean;
};

/** It is there in some 10 s; a busy computer is forgiven. */
const readyMs = 120_000;
const askAgainMs = 50;

/**
 * Starts one. Refuses where another one has the folder or a port, as two on the same data would destroy it. `keeper`: see there; a
 * folder that was named is not swept.
 */
export async function startCassandra(options: StartOptions = {}, keeper?: Keeper): Promise<CassandraServer> {
  const temporary = options.folder === undefined ? await makeTempFolder() : undefined;
  if (temporary) keeper?.sweep(temporary.path);
  const place = {
    folder: options.folder ?? temporary?.path ?? '',
    port: options.port ?? (await freePort()),
    storagePort: await freePort(),
    jmxPort: options.withNodetool ? await freePort() : undefined,
  };
  let running: Running;
  try {
    await writeConfig(place, options);
    running = await run(place, keeper);
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
  return {
    port: place.port,
    contactPoint: `127.0.0.1:${place.port}`,
    folder: place.folder,
    nodetool: (...words) => nodetool(place, words),
    kill: () => running.kill(),
    async startAgain() {
      running = await run(place, keeper);
    },
    pause: () => void running.child.kill('SIGSTOP'),
    resume: () => void running.child.kill('SIGCONT'),
    async close() {
      await running.kill();
      await temporary?.remove();
    },
  };
}

type Running = { readonly child: ChildProcess; kill(): Promise<void> };

async function run(place: CassandraPlace, keeper: Keeper | undefined): Promise<Running> {
  if (jars === undefined) throw new Error(`Cassandra cannot be started: ${missingCassandra}`);
  for (const port of [place.port, place.storagePort])
    if (!(await isFree(port)))
      throw new Error(`Port ${port} is taken: no second Cassandra is started there.`);
  const release = await takeFolder(place.folder);
  const args = await argumentsOf(jars, place);
  const child = spawn(java, args, {
    ...{ stdio: 'ignore', cwd: place.folder, detached: keeper !== undefined },
  });
  keeper?.keep(child);
  const ended = once(child, 'exit').catch(() => undefined);
  const kill = async () => {
    child.kill('SIGKILL'); // also ends one that is paused
    await ended;
    await release();
  };
  const deadline = Date.now() + readyMs;
  while (!(await answers(place.port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await kill();
      throw new Error(`Cassandra did not start on port ${place.port}:\n${await lastWordsIn(place.folder)}`);
    }
    await pause(askAgainMs);
  }
  return { child, kill };
}

/** Another Java has to start for it. */
const nodetoolMs = 60_000;

async function nodetool(place: CassandraPlace, words: readonly string[]): Promise<void> {
  const args = nodetoolArguments(jars ?? '', place, words);
  const { ok, output } = await runProgram(java, args, { timeoutMs: nodetoolMs });
  if (!ok) throw new Error(`nodetool ${words.join(' ')} failed:\n${output}`);
}

/** One instance per folder: whoever makes this file has it, until the file is gone or its process. */
async function takeFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'owner');
  const owner = await readFile(file, 'utf8').catch(() => undefined);
  if (owner !== undefined) {
    if (isAlive(Number(owner))) throw new Error(`${folder} is in use: no second Cassandra is started there.`);
    await rm(file);
  }
  const made = await open(file, 'wx');
  await made.writeFile(String(process.pid));
  await made.close();
  return () => rm(file, { force: true });
}

/** Signal 0 is not sent, only tried. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  const isOurs = await listening;
  if (isOurs) {
    server.close();
    await once(server, 'close');
  }
  return isOurs;
}

async function lastWordsIn(folder: string): Promise<string> {
  const log = await readFile(join(folder, 'logs', 'system.log'), 'utf8').catch(() => '');
  return log.split('\n').slice(-20).join('\n');
}

/** A frame OPTIONS of CQL in version 4, and the opcode of SUPPORTED, which answers it. */
const optionsFrame = Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0]);
const supported = 6;

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(optionsFrame));
    const finish = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('data', (data: Buffer) => finish(data[4] === supported));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}
