/** A place to open a socket at. */
export type SocketEndpoint = { readonly url: string; readonly zone: string | null };

/** A server that runs: where its sockets are, and how many it has. */
export type RunningServer = SocketEndpoint & { readonly sockets: number };

type Chance = {
  /** Where the server that answers stands: whoever asked it is near it. */
  readonly zone: string | null;
  /** From 0, left out, to 1. */
  readonly random: () => number;
};

/** More would help nobody: who finds none of these has no network. */
const most = 10;

/**
 * Where to open a socket, best first: servers of the own zone before others, and among those one that has half as many sockets comes
 * first twice as often. By chance, not by rank: else all clients that ask in the same moment would go to the same server.
 */
export function bestFirst(
  servers: readonly RunningServer[],
  { zone, random }: Chance,
): readonly SocketEndpoint[] {
  const drawn = servers
    .map((server) => ({
      server,
      isNear: server.zone === zone,
      wait: -Math.log(random()) * (1 + server.sockets),
    }))
    .sort((one, other) => Number(other.isNear) - Number(one.isNear) || one.wait - other.wait);
  // Servers behind one address are one place.
  const places = new Map(drawn.map(({ server: { url, zone: at } }) => [url, { url, zone: at }]));
  return [...places.values()].slice(0, most);
}
