import { Socket } from 'node:net';
import { type Conditions, type Direction, laneConditions } from './conditions.ts';
import { createLane } from './lane.ts';

/** One connection through the proxy. */
export type Link = {
  set(conditions: Conditions): void;
  /** Both sides see a reset. What is under way is lost. */
  reset(): void;
  /** The receiver of this direction sees an end, and nothing of what the sender says later. The other direction goes on. */
  end(direction: Direction): void;
  /** Both sides see an end, as of a program that is gone. What is under way is lost. */
  cut(): void;
};

type Options = {
  readonly client: Socket;
  /** Asked when it is connected there. */
  readonly targetPort: () => number;
  readonly conditions: Conditions;
  readonly random: () => number;
  /** Both of its sockets are gone. */
  readonly onGone: () => void;
};

/** A read brings 64 KB at most: below that, every full one would stop its source for a turn. */
export const socketOptions = { allowHalfOpen: true, highWaterMark: 131_072 };
/** Enough for a client on this computer to read what came before a cut. */
const readMs = 20;

/** Takes a client's connection to the target, as soon as the network is not silent. */
export function createLink({ client, targetPort, conditions, random, onGone }: Options): Link {
  const server = new Socket(socketOptions);
  let isOnItsWay = false;
  let goneSides = 0;
  const lanesOf = (now: Conditions): Conditions => (isOnItsWay ? now : { ...now, silent: 'both' });
  const laneTo = (direction: Direction) => {
    const [source, destination] = direction === 'up' ? [client, server] : [server, client];
    const onReset = () => resetSocket(destination);
    const lane = laneConditions(lanesOf(conditions), direction);
    return createLane({ source, destination, conditions: lane, random, onReset, onCut });
  };
  // A reset on the heels of bytes takes them away, or looks like an end to whoever reads both in one go.
  const onCut = () => setTimeout(() => setImmediate(reset), readMs);
  const lanes = { up: laneTo('up'), down: laneTo('down') };

  function set(next: Conditions): void {
    if (next.silent === undefined && !isOnItsWay && !server.destroyed) {
      isOnItsWay = true;
      server.connect({ port: targetPort(), host: '127.0.0.1', noDelay: true });
    }
    for (const way of ['up', 'down'] as const) lanes[way].set(laneConditions(lanesOf(next), way));
  }
  function reset(): void {
    for (const socket of [client, server]) resetSocket(socket);
  }
  function cut(): void {
    for (const socket of [client, server]) socket.destroy();
  }

  const listen = (way: Direction) => {
    const [source, destination, back] =
      way === 'up' ? [client, server, lanes.down] : [server, client, lanes.up];
    // Who never reached anybody takes nobody along.
    const unless = (happen: () => void) => () => (isOnItsWay ? happen() : cut());
    source.on('data', (bytes: Buffer) => (destination.destroyed ? back.reset() : lanes[way].take(bytes)));
    source.on('end', unless(lanes[way].end));
    source.on(
      'error',
      unless(() => {
        back.close();
        lanes[way].reset();
      }),
    );
    source.once('close', () => {
      goneSides += 1;
      if (goneSides < 2) return;
      for (const lane of [lanes.up, lanes.down]) lane.close();
      onGone();
    });
  };
  listen('up');
  listen('down');
  set(conditions);
  return { set, reset, cut, end: (direction) => lanes[direction].end() };
}

/** Sends a reset where the system can, and as soon as there is a connection. */
function resetSocket(socket: Socket): void {
  const isNone = socket.pending && !socket.connecting;
  // It cannot while an end waits for bytes before it.
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (isNone || isEnding) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
