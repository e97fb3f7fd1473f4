/** Ways by which messages can be acknowledged: servers. Some of them are stopped from `at` until `until`. */
export type Stopping = { readonly at: number; readonly until: number; readonly stops: readonly string[] };

export type Standstill = { readonly from: number; readonly to: number };

/**
 * When nothing can be acknowledged, as every way is stopped by something or other. Two of them count as one, from the beginning of the first
 * to the end of the second, when there are fewer than `respiteMs` between.
 */
export function standstillsOf(
  stoppings: readonly Stopping[],
  ways: readonly string[],
  respiteMs: number,
): readonly Standstill[] {
  if (ways.length === 0) return [];
  const edges = [...new Set(stoppings.flatMap(({ at, until }) => [at, until]))].sort((a, b) => a - b);
  const isStopped = (way: string, moment: number) =>
    stoppings.some(({ at, until, stops }) => at <= moment && moment < until && stops.includes(way));
  const found: { from: number; to: number }[] = [];
  for (const [nth, from] of edges.entries()) {
    const to = edges[nth + 1];
    if (to === undefined || !ways.every((way) => isStopped(way, from))) continue;
    const last = found.at(-1);
    if (last !== undefined && from - last.to < respiteMs) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

/** What is between the two ends of a link in its name. */
const arrow = '→';
export const linkName = (from: string, to: string) => `${from}${arrow}${to}`;

/** Engines without which no server can commit anything. */
const stores: readonly string[] = ['postgres', 'cassandra'];

/** The servers by which nothing can be acknowledged while something is wrong with this. Redis only carries hints. */
export function stoppedBy(on: string, servers: readonly string[]): readonly string[] {
  if (stores.includes(on)) return servers;
  const [from = '', to] = on.split(arrow);
  if (to === undefined) return servers.filter((server) => server === on);
  if (stores.includes(to)) return servers.filter((server) => server === from);
  return servers.filter((server) => server === to);
}
