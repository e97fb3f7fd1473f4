import type { Sent } from './history.ts';

/** Milliseconds from a send to its own acknowledgement, of sends that met no cut; null when every one met one. */
export function latencyOf(sent: readonly Sent[]): {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
} {
  const times = sent
    .flatMap(({ at, acknowledged, metCut }) =>
      metCut || at === undefined || acknowledged === undefined ? [] : [acknowledged.at - at],
    )
    .sort((a, b) => a - b);
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** Of numbers in ascending order: the smallest that so large a part of them does not exceed. */
function quantile(ascending: readonly number[], part: number): number | null {
  const found = ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)];
  return found === undefined ? null : Math.round(found * 10) / 10;
}
