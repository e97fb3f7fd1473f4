import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** Where Debian has libfaketime, for threads; the first that is there is taken. */
const places = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
] as const;
const library = places.find((place) => existsSync(place));

/** What this machine lacks for a clock of one's own, in words; undefined when nothing. */
export const missingFaketime =
  library === undefined ? `there is none of ${places.join(', ')}: .ci/faketime installs it.` : undefined;

/** How the clock of a process differs: by so many seconds, or going so much faster than the others from the start on. */
export type ClockChange =
  | { readonly offsetSeconds: number; readonly rate?: undefined }
  | { readonly offsetSeconds?: undefined; readonly rate: number };

export const clockWords = ({ offsetSeconds = 0, rate = 1 }: ClockChange) =>
  rate === 1 ? `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}` : `+0 x${rate}`;

/**
 * Settings that give a process this clock. What it measures durations by, and the times of files, stay as they are: only the time of day is
 * wrong. Throws where the library is missing.
 */
export function clockSettings(change: ClockChange): Readonly<Record<string, string>> {
  if (library === undefined) throw new Error(`No clock can be changed: ${missingFaketime}`);
  return {
    LD_PRELOAD: library,
    FAKETIME: clockWords(change),
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

/** What a process with such a clock leaves behind when it is killed: the memory that it would share with those that it starts. */
export async function sweepAfter(pid: number): Promise<void> {
  const names = [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`];
  await Promise.all(names.map((name) => rm(`/dev/shm/${name}`, { force: true })));
}
