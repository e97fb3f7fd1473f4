import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import type { Clock } from '../../schema/ports/clock.ts';
import { payloadOf } from '../delivery/frame.ts';
import type { MaskError } from '../mask-errors.ts';
import type { SocketLimits } from '../socket/admission.ts';
import type { Heartbeat } from '../socket/heartbeat.ts';
import { stopping } from './open-requests.ts';

/** The media type of server-sent events. */
export const eventStreamType = 'text/event-stream';

export const eventStreamHeaders = Object.freeze({
  'Content-Type': eventStreamType,
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no', // nginx would collect events before it passes them on
});

type Results = AsyncIterator<ExecutionResult, undefined>;

export type EventStreams = {
  /**
   * Sends results as they come and resolves when nothing more will be sent: the source is at its end (`complete`), the client is
   * gone, or the server stops. Then there is no `complete`, by which clients know that they may come back. Rejects only when the source does.
   */
  send(
    results: Results,
    to: { readonly response: ServerResponse; readonly end: AbortController },
  ): Promise<void>;
  readonly size: number;
};

type Settings = {
  readonly clock: Clock;
  readonly heartbeat: Heartbeat;
  readonly mask: MaskError;
  readonly limits: Pick<SocketLimits, 'congestedMs'>;
};

/** A line that clients ignore. It shows proxies that the stream lives, and lets browsers begin to read. */
const comment = ':\n\n';
const nextFrame = (payload: string) => `event: next\ndata: ${payload}\n\n`;
const completeFrame = 'event: complete\ndata:\n\n';

/** A whole stream of one result: what clients get that want events also from a query. */
export const eventsOf = (result: ExecutionResult, mask: MaskError): string =>
  nextFrame(payloadOf(result, mask)) + completeFrame;

/** All streams over SSE of one server, each as bounded as a socket: a result is pulled only when the one before it has left the process. */
export function createEventStreams({ clock, heartbeat, mask, limits }: Settings): EventStreams {
  const patience = { clock, patienceMs: limits.congestedMs };
  let size = 0;

  async function sendAll(results: Results, response: ServerResponse, signal: AbortSignal): Promise<void> {
    for (;;) {
      const { value: result } = await results.next();
      if (result === undefined || response.destroyed) return;
      if (response.write(nextFrame(payloadOf(result, mask)))) continue;
      // With the last result in it, what waits is sent by the end below.
      if (!signal.aborted) await sent(response, 'drain', { ...patience, signal });
    }
  }

  return {
    async send(results, { response, end: { signal } }) {
      size += 1;
      response.writeHead(200, eventStreamHeaders);
      response.write(comment);
      const stopBeating = heartbeat.add({
        beat() {
          if (!response.writableNeedDrain) response.write(comment);
        },
      });
      await sendAll(results, response, signal);
      stopBeating();
      if (!response.destroyed) {
        response.end(signal.reason === stopping ? undefined : completeFrame);
        if (!response.writableFinished) await sent(response, 'finish', patience);
      }
      size -= 1;
    },
    get size() {
      return size;
    },
  };
}

type Waiting = { readonly clock: Clock; readonly patienceMs: number; readonly signal?: AbortSignal };

/**
 * Resolves when all that was written has left the process, or the connection is gone. It is cut when the client does not read
 * for too long, and when `signal` aborts: what waits for somebody who does not read must not outlive the session.
 */
function sent(
  response: ServerResponse,
  event: 'drain' | 'finish',
  { clock, patienceMs, signal }: Waiting,
): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const cut = () => void response.destroy();
    const settle = () => {
      over.abort();
      response.off(event, settle).off('close', settle);
      signal?.removeEventListener('abort', cut);
      resolve();
    };
    response.on(event, settle).on('close', settle);
    signal?.addEventListener('abort', cut);
    void clock.sleep(patienceMs, over.signal).then(() => {
      if (!over.signal.aborted) cut();
    });
  });
}
