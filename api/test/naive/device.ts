import type { Client } from 'graphql-ws';
import type { Line, SeenEvent } from '../chaos/history.ts';
import type { SignedIn } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';

export type Write = (line: Line) => void;
/** Where a server is reached. */
export type Server = { readonly httpUrl: string; readonly socketUrl: string };

/** A device that listens, by the client rule: it keeps cursors, replaces them at a marker, and passes them when it comes back. */
export type Device = {
  readonly name: string;
  readonly person: SignedIn;
  /** Listens to this server; resolves when everything older has come. Rejects when the socket is lost before. */
  comeTo(server: Server): Promise<void>;
  goAway(): Promise<void>;
  /** Resolves when it has been told of this text. */
  heard(text: string): Promise<void>;
  /** Is told that a socket was lost that nobody has ended. */
  onLost: () => void;
};

type ChatEvent = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly message?: {
    readonly id: string;
    readonly number: number;
    readonly text: string;
    readonly author: { readonly id: string };
  } | null;
  readonly user?: { readonly id: string } | null;
};

const query = `subscription ($after: [Cursor!]) {
  events(after: $after) {
    __typename eventId cursor
    ... on ChannelEvent { channelId }
    ... on MessageSent { message { id number text author { id } } }
    ... on MemberRemoved { user { id } }
  }
}`;

export function createDevice(name: string, person: SignedIn, write: Write): Device {
  const waiting = new Map<string, () => void>();
  const texts = new Set<string>();
  const held = new Map<string, number>();
  let cursors: string[] = [];
  let attempt = 0;
  let client: Client | undefined;

  const at = () => ({ t: performance.now(), device: name, attempt });

  function note(event: ChatEvent): void {
    const { __typename: kind, channelId, cursor, message } = event;
    if (channelId === undefined || !isOfLog(kind)) return;
    const seq = Number(event.eventId.slice(event.eventId.lastIndexOf('.') + 1));
    held.set(channelId, Math.max(held.get(channelId) ?? 0, seq));
    write({ kind: 'delivery', ...at(), userId: person.userId, channelId, seq, cursor, event: seenOf(event) });
    if (!message) return;
    texts.add(message.text);
    waiting.get(message.text)?.();
  }

  function keep(event: ChatEvent): void {
    const isCaughtUp = event.__typename === 'CaughtUp';
    const isMarker = isCaughtUp || event.__typename === 'Checkpoint';
    cursors = isMarker ? [event.cursor] : [...cursors, event.cursor];
    if (isMarker) write({ kind: 'marker', ...at(), isCaughtUp });
    else note(event);
  }

  const device: Device = {
    ...{ name, person },
    onLost: () => undefined,
    async comeTo({ socketUrl }) {
      attempt += 1;
      write({ kind: 'subscribe', ...at(), userId: person.userId, held: Object.fromEntries(held) });
      const mine = openStockClient({ socketUrl, token: () => person.session.accessToken });
      client = mine;
      const isMine = () => client === mine;
      const variables = { after: attempt === 1 ? undefined : cursors };
      await new Promise<void>((resolve, reject) => {
        const lose = (problem: unknown) => {
          reject(new Error('The socket was lost.', { cause: problem }));
          if (isMine()) device.onLost();
        };
        mine.subscribe<{ events: ChatEvent }>(
          { query, variables },
          {
            next({ data }) {
              if (!isMine() || !data) return;
              keep(data.events);
              if (data.events.__typename === 'CaughtUp') resolve();
            },
            ...{ error: lose, complete: () => lose(undefined) },
          },
        );
      });
    },
    async goAway() {
      const mine = client;
      client = undefined; // what still comes was not heard
      if (mine !== undefined) await closeClient(mine);
    },
    heard: (text) =>
      texts.has(text) ? Promise.resolve() : new Promise((resolve) => waiting.set(text, resolve)),
  };
  return device;
}

/** Of the log of a channel; how far people have read stands elsewhere. */
const isOfLog = (kind: string) => kind.startsWith('Message') || kind.startsWith('Member');

function seenOf({ __typename: name, message, user }: ChatEvent): SeenEvent {
  if (message) {
    const { id: messageId, text, number, author } = message;
    return { type: 'message', messageId, number, text, authorId: author.id };
  }
  return name === 'MemberRemoved'
    ? { type: 'removed', memberUserId: user?.id ?? '' }
    : { type: 'other', name };
}

/** A message as an answer names it, with its place, which is the end of its id. */
export const placed = ({ id, number }: { readonly id: string; readonly number: number }) => ({
  ...{ id, number },
  seq: Number.parseInt(id.slice(id.indexOf('.') + 1), 32),
});
