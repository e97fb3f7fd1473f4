import type { Line } from '../history.ts';
import type { Book } from './book.ts';
import { isOfDevices, touching } from './faults.ts';
import { firstFrom } from './ordered.ts';
import type { Note } from './verdict.ts';

/** So long after everything is whole again something is acknowledged, in milliseconds. */
const withinMs = 10_000;
/** Somebody has to have asked for it with that much time left, in milliseconds. */
const inTimeMs = 5_000;

const timesOf = (lines: readonly Line[], isOne: (line: Line) => boolean) =>
  lines.filter(isOne).map(({ t }) => t);
const isWithin = (times: readonly number[], from: number, to: number) =>
  (times[firstFrom(times, from, (t) => t)] ?? Number.POSITIVE_INFINITY) <= to;

/**
 * `liveness`: nothing is acknowledged in the 10 s after a heal, though nothing else was broken in that time and somebody sent something.
 * What is broken on one device alone keeps nobody else from it.
 */
export function checkLiveness({ lines, faults, devices, endT }: Book, note: Note): void {
  const hindering = faults.filter((fault) => !isOfDevices(fault, devices));
  const isBroken = touching(hindering);
  const acknowledged = timesOf(lines, ({ kind }) => kind === 'ok');
  const sent = timesOf(lines, (line) => line.kind === 'invoke' && line.what.type === 'send');
  for (const { to, name, on } of hindering) {
    // What was healed at this very moment is over.
    if (to + withinMs > endT || isBroken({ from: to + 0.001, to: to + withinMs })) continue;
    if (!isWithin(sent, to, to + inTimeMs) || isWithin(acknowledged, to, to + withinMs)) continue;
    note('liveness', `nothing was acknowledged in ${withinMs / 1_000} s after ${name} on ${on} was over`, to);
  }
}
