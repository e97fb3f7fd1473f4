import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Clock } from '../../schema/ports/clock.ts';

/** Something that is looked at once per interval. The bytes are at random, and the same for all whose turn it is. */
export type Beating = { beat(bytes: Buffer): void };

/** One timing wheel for all sockets of a server: a timer per socket would be tens of thousands of them. */
export type Heartbeat = {
  /** From now on `beat` is called once per interval; what is returned ends that. */
  add(beating: Beating): () => void;
  close(): void;
};

/** More than anybody guesses in the time of a beat. */
const pingBytes = 8;
/** Sockets are spread over so many places, each of which gets its turn once per interval. */
const places = 12;

export function createHeartbeat(clock: Clock, intervalMs: number): Heartbeat {
  const wheel = Array.from({ length: places }, () => new Set<Beating>());
  const end = new AbortController();
  let next = 0;

  async function turn(): Promise<void> {
    for (let place = 0; !end.signal.aborted; place = (place + 1) % places) {
      await clock.sleep(intervalMs / places, end.signal);
      if (end.signal.aborted) return;
      const bytes = randomBytes(pingBytes);
      for (const beating of wheel[place] ?? []) beating.beat(bytes);
    }
  }
  void turn();

  return {
    add(beating) {
      const place = wheel[next % places] ?? new Set();
      next += 1;
      place.add(beating);
      return () => place.delete(beating);
    },
    close: () => end.abort(),
  };
}

/** Whether the other side of one socket is alive. */
export type Pulse = Beating & {
  /** A pong has come. One that nobody asked for, or with other bytes than the ping had, says nothing. */
  onPong(bytes: Buffer): void;
};

/**
 * A ping that is not answered before the next one ends the socket. While nothing is read from it, an answer could not be seen:
 * then the limits for that (api/socket/admission.ts) end it.
 */
export function createPulse(webSocket: WebSocket, isReading: () => boolean): Pulse {
  let expected: Buffer | undefined;
  return {
    beat(bytes) {
      if (!isReading()) {
        expected = undefined;
        return;
      }
      if (expected !== undefined) return webSocket.terminate();
      expected = bytes;
      webSocket.ping(bytes);
    },
    onPong(bytes) {
      if (expected?.equals(bytes)) expected = undefined;
    },
  };
}
