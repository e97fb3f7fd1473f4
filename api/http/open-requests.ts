import type { ServerResponse } from 'node:http';
import type { Clock } from '../../schema/ports/clock.ts';
import { inSteps } from '../in-steps.ts';

/** Why what waits or streams ends when the server stops. No error: its client comes back and goes on. */
export const stopping: unique symbol = Symbol('stopping');

/** Why everything else ends: it is answered, or nobody waits for it. Not an error, which would look for a stack each time. */
const gone: unique symbol = Symbol('gone');

/** The operations that are being answered over HTTP: those that wait for something, and streams, end with their client and with the server. */
export type OpenRequests = {
  /** Aborts when the answer is complete or its client is gone; with `stopping` as the reason when the server stops first. */
  enter(response: ServerResponse): AbortController;
  readonly size: number;
  /** Ends all, spread over `drainMs`; those that come from now on end at once. */
  close(drainMs: number): Promise<void>;
};

/** One for all requests of a server. */
export function createOpenRequests(clock: Clock): OpenRequests {
  const open = new Set<AbortController>();
  let isStopping = false;
  return {
    enter(response) {
      const end = new AbortController();
      if (isStopping) end.abort(stopping);
      if (response.destroyed) end.abort(gone);
      if (end.signal.aborted) return end;
      open.add(end);
      response.once('close', () => {
        open.delete(end);
        end.abort(gone);
      });
      return end;
    },
    get size() {
      return open.size;
    },
    close(drainMs) {
      isStopping = true;
      return inSteps([...open], { overMs: drainMs, clock }, (end) => end.abort(stopping));
    },
  };
}
