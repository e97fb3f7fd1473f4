import { type Line, openLine } from './line.ts';

/** Somebody who follows the channel over any number of sockets, as docs/clients.md says it is done. */
export type Reader = {
  readonly name: string;
  /** The numbers of the messages that it has had, by events. */
  readonly had: ReadonlySet<number>;
  /** How often it was told to read anew, and messages that came again or out of order. */
  readonly counts: { resets: number; disorders: number; ends: number };
  /** Resolves when its stream has caught up; false when the socket ended before. */
  open(): Promise<boolean>;
  /** Resolves when the socket of now is gone; at once when there is none. */
  ended(): Promise<void>;
  line(): Line | undefined;
  close(): void;
};

type Settings = {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  /** An event of a message came, sent then. */
  readonly onMessage?: (sentAt: number) => void;
};

const subscription =
  'subscription ($after: [Cursor!]) { events(after: $after) { __typename cursor ... on MessageSent { message { number text } } } }';
const markers = new Set(['CaughtUp', 'Checkpoint']);

/** What every text begins with: the time of the clock of this process. */
export const textAt = (now: number) =>
  `${now.toFixed(3)} a message of a length that people write: about a hundred characters, with nothing special.`;

export function createReader({ name, url, token, onMessage }: Settings): Reader {
  const had = new Set<number>();
  const counts = { resets: 0, disorders: 0, ends: 0 };
  let marker: string | undefined;
  let last: string | undefined;
  let newest = 0;
  let line: Line | undefined;
  let gone = Promise.resolve();

  /** First taken in, then its cursor kept. */
  function take(frame: string): string {
    const type = /"__typename":"(\w+)"/.exec(frame)?.[1] ?? '';
    const cursor = /"cursor":"([^"]+)"/.exec(frame)?.[1];
    if (type === 'MessageSent') takeMessage(frame);
    if (type === 'SyncReset') {
      counts.resets += 1;
      newest = 0;
    }
    if (markers.has(type)) [marker, last] = [cursor, undefined];
    else last = cursor ?? last;
    return type;
  }
  function takeMessage(frame: string): void {
    const [, number = '', sentAt = ''] = /"number":(\d+),"text":"([\d.]+)/.exec(frame) ?? [];
    if (Number(number) <= newest) counts.disorders += 1;
    newest = Number(number);
    had.add(newest);
    onMessage?.(Number(sentAt));
  }

  return {
    name,
    had,
    counts,
    open: () =>
      new Promise((resolve) => {
        let onEnd = () => {};
        gone = new Promise((ended) => (onEnd = ended));
        const opened = openLine({
          url,
          token,
          onFrame(frame) {
            if (frame.startsWith('{"type":"connection_ack"')) opened.send(subscribeFrame(marker, last));
            else if (frame.startsWith('{"type":"ping"')) opened.send('{"type":"pong"}');
            else if (take(frame) === 'CaughtUp') resolve(true);
          },
          onGone() {
            counts.ends += 1;
            line = undefined;
            onEnd();
            resolve(false);
          },
        });
        line = opened;
      }),
    ended: () => gone,
    line: () => line,
    close: () => line?.close(),
  };
}

function subscribeFrame(marker: string | undefined, last: string | undefined): string {
  const after = [marker, last].filter((cursor) => cursor !== undefined);
  return JSON.stringify({
    id: 'e',
    type: 'subscribe',
    payload: { query: subscription, variables: { after } },
  });
}
