import type { Look } from './fuzzed-server.ts';

/** Connections to PostgreSQL, and timers of looks that are repeated, come and go: there are now more of them, now fewer. */
const passing = 5;
/** By how much the heap may be larger at the end than after the first part, when all that is remembered was there: 80 bytes a socket in a run of a million frames would be found. */
export const heapGrowthBytes = 8 * 1_048_576;

/** What a server holds now that it did not hold before anybody came. The heap is another matter: it is filled by what is remembered. */
export function leaksBetween(before: Look, now: Look): string[] {
  const counts = ['sockets', 'operations', 'subscriptions', 'topics'] as const;
  const left = counts
    .filter((name) => !(now[name] <= before[name]))
    .map((name) => `${now[name]} ${name} instead of ${before[name]}`);
  const handles = before.handles + passing;
  return now.handles <= handles ? left : [...left, `${now.handles} handles, more than ${handles}`];
}
