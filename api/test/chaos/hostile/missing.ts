import { setTimeout as pause } from 'node:timers/promises';
import type { Cast } from './cast.ts';
import type { HostileServer } from './hostile-server.ts';
import { readMissing } from './read-missing.ts';
import type { Reader } from './reader.ts';

type Settings = {
  readonly host: HostileServer;
  readonly cast: Cast;
  /** The numbers of what was acknowledged in each part. Only normal readers were there in the first one. */
  readonly calm: ReadonlySet<number>;
  readonly wild: ReadonlySet<number>;
};

/** What is on its way to somebody who is there gets so long. */
const arriveMs = 10_000;
const lookMs = 50;
/** A server that was just attacked may send somebody away once more. */
const tries = 20;
const againMs = 500;
/** So many read what they miss at once. */
const atOnce = 4;

/** How many acknowledged messages somebody has neither by events nor, where it was told to read anew, by history. */
export async function countMissing({ host, cast, calm, wild }: Settings): Promise<number> {
  const others = [...cast.stalling, ...cast.narrow];
  await Promise.all(cast.normal.map((reader) => arrival(reader, wild)));
  await Promise.all(others.map(resume));
  const readers = [
    ...cast.normal.map((reader) => ({ reader, wanted: [...calm, ...wild] })),
    ...others.map((reader) => ({ reader, wanted: [...wild] })),
  ];
  let missing = 0;
  async function look(): Promise<void> {
    for (let next = readers.shift(); next !== undefined; next = readers.shift())
      missing += await missingOf({ host, cast, ...next });
  }
  await Promise.all(Array.from({ length: atOnce }, look));
  return missing;
}

async function arrival({ had }: Reader, wanted: ReadonlySet<number>): Promise<void> {
  const last = Math.max(...[...wanted].slice(-1));
  for (let waitedMs = 0; waitedMs < arriveMs && !had.has(last); waitedMs += lookMs) await pause(lookMs);
}

/** By its cursor, so what comes before it has caught up is everything that it may have by events. */
async function resume(reader: Reader): Promise<void> {
  reader.close();
  for (let count = 0; count < tries; count += 1) {
    if (await reader.open()) return;
    await pause(againMs);
  }
}

type Looking = Pick<Settings, 'host' | 'cast'> & {
  readonly reader: Reader;
  readonly wanted: readonly number[];
};

async function missingOf({ host, cast, reader, wanted }: Looking): Promise<number> {
  const missing = wanted.filter((number) => !reader.had.has(number)).sort((a, b) => a - b);
  if (reader.counts.resets === 0) return missing.length;
  const { httpUrl } = host.server;
  const lost = await readMissing({
    httpUrl,
    token: cast.tokenOf(reader),
    channelId: host.channelId,
    missing,
  });
  return lost.length;
}
