import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startError } from '../start-error.ts';
import { passwordOf, userName } from './cluster.ts';
import { clusterIn, type Place } from './place.ts';

/** A server that is just starting may be redoing its journal; longer than this it takes only on a very slow disk. */
const readyWithinMs = 30_000;
const pollMs = 100;

/**
 * A connection string for the PostgreSQL that another process runs in this place. Throws a StartError when that one does not
 * become ready.
 */
export async function joinRunning(place: Place, holder: string): Promise<string> {
  const password = await passwordOf(place);
  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    const port = await readyPort(place);
    if (port !== undefined) return `postgresql://${userName}:${password}@127.0.0.1:${port}/postgres`;
    await pause(pollMs);
  }
  throw startError(
    `Process ${holder} holds ${place.folder}, but its PostgreSQL is not ready: wait until it has started or stopped, then try again.`,
  );
}

/** PostgreSQL keeps its port in the fourth line of this file, and how it is in the eighth. */
async function readyPort(place: Place): Promise<number | undefined> {
  const file = join(clusterIn(place.folder), 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  return lines[7]?.trim() === 'ready' ? Number(lines[3]) : undefined;
}
