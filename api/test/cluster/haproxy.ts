import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, type Keeper } from '../../../bench/server-process.ts';
import { isWithin } from '../../../prisma/within.ts';
import { makeCertificate } from './certificate.ts';
import { haproxyConfig } from './haproxy-config.ts';

/** Where HAProxy is usually found; the first that is there is taken. */
const places = ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy', '/opt/homebrew/bin/haproxy'] as const;
const program = places.find((place) => existsSync(place));

/** What this machine lacks for HAProxy, in words; undefined when nothing. */
export const missingHaproxy =
  program === undefined
    ? `there is none of ${places.join(', ')}: install the package haproxy of Debian.`
    : undefined;

export type Haproxy = {
  readonly port: number;
  /** Where clients come over TLS, by a certificate that nobody has signed; absent where there is no openssl to make one. */
  readonly tlsPort: number | undefined;
  /** `/metrics`, for whoever runs it. */
  readonly operatorUrl: string;
  close(): Promise<void>;
};

type Options = {
  /** For its configuration and its certificate. */
  readonly folder: string;
  /** The ports of the servers. */
  readonly servers: readonly number[];
  /** Where clients come. */
  readonly port: number;
  readonly keeper?: Keeper;
};

/** It is there in some 50 ms; a busy computer is forgiven. */
const readyMs = 20_000;
const askAgainMs = 20;
const stopMs = 5_000;
/** Enough of its last words to say why it ended. */
const keptLines = 20;

/** HAProxy by the configuration that docker-compose.yml has, on loopback. Rejects with its last words when it does not start. */
export async function startHaproxy(options: Options): Promise<Haproxy> {
  if (program === undefined) throw new Error(`HAProxy cannot be started: ${missingHaproxy}`);
  const { folder, servers, port, keeper } = options;
  const [tlsPort, operatorPort] = [await freePort(), await freePort()];
  const certificate = await makeCertificate(folder);
  const at = (number: number) => `127.0.0.1:${number}`;
  const config = haproxyConfig({
    plain: at(port),
    tls: certificate === undefined ? undefined : { address: at(tlsPort), certificate },
    operator: at(operatorPort),
    servers: servers.map(at),
  });
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, config);
  const child = spawn(program, ['-db', '-f', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: keeper !== undefined,
  });
  keeper?.keep(child);
  const words = lastWordsOf(child);
  const operatorUrl = `http://${at(operatorPort)}`;
  if (!(await isThere(`${operatorUrl}/livez`, child))) {
    await end(child);
    throw new Error(`HAProxy did not start:\n${words().join('\n')}`);
  }
  return {
    port,
    tlsPort: certificate === undefined ? undefined : tlsPort,
    operatorUrl,
    close: () => end(child),
  };
}

const hasEnded = ({ exitCode, signalCode, pid }: ChildProcess) =>
  exitCode !== null || signalCode !== null || pid === undefined;

async function isThere(url: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + readyMs;
  while (!hasEnded(child) && Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(readyMs) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.ok) return true;
    await pause(askAgainMs);
  }
  return false;
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  if (await isWithin(ended, stopMs)) return;
  child.kill('SIGKILL');
  await ended;
}

function lastWordsOf(child: ChildProcess): () => readonly string[] {
  const words: string[] = [];
  child.on('error', (error) => words.push(error.message));
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) continue;
    createInterface(output).on('line', (line) => {
      if (words.push(line) > keptLines) words.shift();
    });
  }
  return () => words;
}
