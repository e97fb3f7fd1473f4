import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type FaultProxy, openFaultProxy } from './proxy.ts';

/** What one side of a connection has seen. */
export type Side = {
  readonly socket: Socket;
  /** Everything that came, one after the other. */
  heard(): string;
  /** `end`, then the error's code if there was one, then `close`. */
  readonly events: readonly string[];
  say(text: string): void;
  /** Resolves when that, and nothing else, has been heard since the beginning. Rejects when the socket closes first. */
  hears(text: string): Promise<void>;
  /** Resolves when it is gone, with all its events. */
  gone(): Promise<readonly string[]>;
  /** Resolves when the other side says no more. */
  ended(): Promise<void>;
};

/** A server behind a proxy, both real and on this computer. What either side does after an end is the test's to say. */
export type BothEnds = {
  readonly proxy: FaultProxy;
  /** A client; resolves when the proxy took it, whether or not it came to the server. */
  client(): Promise<Side>;
  /** The next connection of the server that was not asked for. */
  atServer(): Promise<Side>;
  /** Both sides of a new connection. */
  pair(): Promise<{ readonly client: Side; readonly server: Side }>;
  /** How many connections the server took. */
  taken(): number;
  close(): Promise<void>;
};

type Options = { readonly random?: () => number };

export async function openBothEnds({ random = () => 0 }: Options = {}): Promise<BothEnds> {
  const sides: Side[] = [];
  const unasked: Side[] = [];
  let taken = 0;
  let isClosed = false;
  let wake = () => {};
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (isClosed) return void socket.destroy();
    taken += 1;
    sides.push(sideOf(socket));
    unasked.push(...sides.slice(-1));
    wake();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await openFaultProxy({ targetPort: portOf(server), random });

  async function client(): Promise<Side> {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const side = sideOf(socket);
    sides.push(side);
    await once(socket, 'connect');
    return side;
  }
  async function atServer(): Promise<Side> {
    for (;;) {
      const side = unasked.shift();
      if (side !== undefined) return side;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    proxy,
    client,
    atServer,
    async pair() {
      const [near, far] = await Promise.all([client(), atServer()]);
      return { client: near, server: far };
    },
    taken: () => taken,
    async close() {
      isClosed = true;
      for (const { socket } of sides) socket.destroy();
      await proxy.close();
      server.close();
      await once(server, 'close');
    },
  };
}

export function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function sideOf(socket: Socket): Side {
  const events: string[] = [];
  let heard = '';
  let wake = () => {};
  const note = (event: string) => {
    events.push(event);
    wake();
  };
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    heard += text;
    wake();
  });
  socket.on('end', () => note('end'));
  socket.on('error', (error) => note('code' in error ? String(error.code) : error.message));
  socket.on('close', () => note('close'));
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (events.includes('close'))
        throw new Error(`Closed (${events.join(', ')}) after ${heard.length} bytes.`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    socket,
    heard: () => heard,
    events,
    say: (text) => void socket.write(text),
    hears: (text) => until(() => heard === text),
    ended: () => until(() => events.includes('end')),
    async gone() {
      await until(() => events.includes('close'));
      return events;
    },
  };
}
