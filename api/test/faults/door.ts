import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { socketOptions } from './link.ts';

/** A port of this computer that can be shut and opened again, and belongs to nobody else meanwhile. */
export type Door = {
  readonly port: number;
  /** Resolves when connections are taken. */
  open(): Promise<void>;
  /** From now on connections are refused. */
  shut(): void;
  /** Leaves the port. */
  close(): void;
};

const host = '127.0.0.1';

/** It is shut at first. Rejects when the port is somebody's. */
export async function openDoor(port: number, onSocket: (socket: Socket) => void): Promise<Door> {
  const held = await holdPort(port);
  let server: Server | undefined;
  const shut = () => {
    server?.close();
    server = undefined;
  };
  return {
    port: held.port,
    async open() {
      if (server !== undefined) return;
      server = createServer({ ...socketOptions, noDelay: true }, onSocket);
      server.listen(held.port, host);
      await once(server, 'listening');
    },
    shut,
    close() {
      shut();
      held.release();
    },
  };
}

/** While a connection to a port lives, the system gives the port to nobody else; whoever had it before may listen there again. */
async function holdPort(wanted: number): Promise<{ readonly port: number; release(): void }> {
  const server = createServer().listen(wanted, host);
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : wanted;
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket));
  const near = connect(port, host);
  await once(near, 'connect');
  const isFar = ({ remotePort }: Socket) => remotePort === near.localPort;
  while (!accepted.some(isFar)) await once(server, 'connection');
  server.close();
  // Somebody who knew the port before may have been as quick.
  for (const socket of accepted) if (!isFar(socket)) socket.destroy();
  return {
    port,
    release() {
      for (const socket of [near, ...accepted]) socket.resetAndDestroy();
    },
  };
}
