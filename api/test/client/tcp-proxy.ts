import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Transform } from 'node:stream';

/** One connection through the proxy. */
export type Link = {
  /** Ends it on both sides at once, as a reset does. */
  cut(): void;
  /** From now on nothing that the server says arrives; the other way goes on. */
  deafen(): void;
};

/** A network between clients and a server that does what networks do. */
export type TcpProxy = {
  readonly port: number;
  /** The connections that live, oldest first. */
  readonly links: () => readonly Link[];
  close(): Promise<void>;
};

type Options = {
  readonly targetPort: number;
  /** Where it listens, if that must be known before; a free one otherwise. */
  readonly port?: number;
  /** What the server says goes through this; one for each connection. */
  readonly rewrite?: () => Transform;
  readonly onLink?: (link: Link) => void;
};

export async function openTcpProxy({ targetPort, port = 0, rewrite, onLink }: Options): Promise<TcpProxy> {
  const links = new Set<Link>();
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const link = linkOf(client, upstream);
    links.add(link);
    upstream.once('close', () => links.delete(link));
    client.pipe(upstream);
    if (rewrite) upstream.pipe(rewrite()).pipe(client);
    else upstream.pipe(client);
    onLink?.(link);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    links: () => [...links],
    async close() {
      server.close();
      for (const link of links) link.cut();
      await once(server, 'close');
    },
  };
}

function linkOf(client: Socket, upstream: Socket): Link {
  const cut = () => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true);
    socket.on('error', cut);
    socket.on('close', cut);
  }
  return {
    cut,
    deafen: () => {
      upstream.unpipe();
      upstream.resume();
    },
  };
}
