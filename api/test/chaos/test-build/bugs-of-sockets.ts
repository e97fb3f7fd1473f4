import type { Bug } from './bug.ts';
import { instead } from './change.ts';

const writer = 'api/delivery/writer';

/** Whatever is to be sent waits in memory until it is read, however long that takes. */
const unboundedQueue: Bug = {
  changes: [
    instead('api/socket/run-operation', 'if (room !== undefined) await room;', ''),
    instead(
      writer,
      'if (webSocket.bufferedAmount > limits.maxBufferedBytes) return webSocket.terminate();',
      '',
    ),
    instead(
      writer,
      'if (whenRoom === undefined && webSocket.bufferedAmount > limits.congestedBytes) endRoom();',
      '',
    ),
  ],
};

/** A subscription that its client has ended stays where it is, and is told of everything. */
const iteratorNotReturned: Bug = {
  changes: [
    instead(
      'api/socket/run-operation',
      'const letGo = () => void Promise.resolve(source.return?.()).catch(() => undefined);',
      'const letGo = () => undefined;',
    ),
    instead('schema/stream/pulled-reader', "client.addEventListener('abort', bring, { once: true });", ''),
  ],
};

export const bugsOfSockets = {
  'unbounded-queue': { ...unboundedQueue, needs: { run: 'hostile' } },
  'iterator-not-returned': { ...iteratorNotReturned, needs: { resources: true } },
} as const satisfies Readonly<Record<string, Bug>>;
