import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Heard } from '../../schema/stream/in-order.ts';
import type { Answers } from './answers.ts';
import type { Inbox } from './inbox.ts';

/** What the other side of one socket knows. */
export type Hearing = {
  readonly heard: Heard;
  onPong(bytes: Buffer): void;
};

type Settings = {
  readonly webSocket: Pick<WebSocket, 'ping'>;
  readonly answers: Pick<Answers, 'settled'>;
  readonly inbox: Pick<Inbox, 'passed'>;
};

/** More than anybody guesses while it waits for the pong. */
const pingBytes = 8;

/**
 * A ping goes out behind the answers, and its pong comes back behind everything that was sent before they were there (RFC 6455,
 * sections 5.5.2 and 5.5.3: frames keep their order). One ping at a time, however much there is to be known.
 */
export function createHearing({ webSocket, answers, inbox }: Settings): Hearing {
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  let expected: { readonly bytes: Buffer; readonly onPong: () => void } | undefined;

  async function askOnce(): Promise<void> {
    // Until then the answers in question may still be on their way to the wire.
    await answers.settled();
    next = undefined; // what is answered from here on is behind the ping
    await new Promise<void>((onPong) => {
      expected = { bytes: randomBytes(pingBytes), onPong };
      webSocket.ping(expected.bytes);
    });
    await inbox.passed();
    await answers.settled();
  }

  return {
    heard() {
      if (next !== undefined) return next;
      next = last.then(askOnce);
      last = next;
      return next;
    },
    onPong(bytes) {
      if (!expected?.bytes.equals(bytes)) return;
      const { onPong } = expected;
      expected = undefined;
      onPong();
    },
  };
}
