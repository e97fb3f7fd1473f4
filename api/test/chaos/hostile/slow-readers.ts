import { setTimeout as pause } from 'node:timers/promises';
import type { Reader } from './reader.ts';

/** What became of somebody who stopped reading. */
export type Stalls = {
  count: number;
  /** The longest that a socket lived after nobody read from it any more. */
  longestMs: number;
};

/** Who reads nothing still says so often that it lives. A write is also how it learns that it does not. */
const pongMs = 500;
/** Somebody who was sent away, or could not come in, does not come back faster. */
const againMs = 200;
/** What it has read by then is enough for it. */
const readMs = 1_000;

/** Reads a little, then nothing, but sends pongs; when its socket is ended it resumes by its cursor. Resolves when that is over. */
export async function keepStalling(reader: Reader, stalls: Stalls, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (reader.line() === undefined && !(await reader.open())) {
      await rest(againMs, signal);
      continue;
    }
    await rest(readMs, signal);
    if (signal.aborted || reader.line() === undefined) continue;
    await stall(reader, stalls, signal);
  }
  reader.line()?.resume();
}

async function stall(reader: Reader, stalls: Stalls, signal: AbortSignal): Promise<void> {
  const since = performance.now();
  reader.line()?.stall();
  const timer = setInterval(() => reader.line()?.pong(), pongMs);
  const over = new AbortController();
  await Promise.race([reader.ended(), rest(2 ** 31 - 1, AbortSignal.any([signal, over.signal]))]);
  clearInterval(timer);
  over.abort();
  // One that still lives when all is over has lived so long, too.
  if (reader.line() === undefined) stalls.count += 1;
  stalls.longestMs = Math.max(stalls.longestMs, performance.now() - since);
}

/** Reads as fast as its line lets it, and resumes whenever its socket is ended. */
export async function keepReading(reader: Reader, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const over = new AbortController();
    const opening = reader.line() === undefined ? reader.open() : undefined;
    const ended = Promise.resolve(opening).then(() => reader.ended());
    await Promise.race([ended, rest(2 ** 31 - 1, AbortSignal.any([signal, over.signal]))]);
    over.abort();
    if (reader.line() === undefined) await rest(againMs, signal);
  }
}

export const rest = (ms: number, signal: AbortSignal) =>
  pause(ms, undefined, { signal }).catch(() => undefined);
