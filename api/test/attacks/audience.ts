import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Person } from '../../../schema/test/world.ts';
import { subscribeFrame } from '../serving/wire-client.ts';

/** What a message says of itself: who may ever read it, and which of its channel's it is. */
export type Tag = { readonly to: readonly string[]; readonly channel: string; readonly serial: number };
export const textOf = (tag: Tag): string => JSON.stringify(tag);

type Said = { readonly text: string | null } | null;
type Payload = {
  readonly errors?: unknown;
  readonly data?: {
    readonly events?: {
      readonly __typename: string;
      readonly message?: {
        readonly text: string;
        readonly number: number;
        readonly nonce: string | null;
        readonly author: { readonly id: string };
        readonly channel: { readonly id: string; readonly name: string };
        readonly replyTo: Said;
        readonly viewerCan?: { readonly edit: { readonly isAllowed: boolean } };
      } | null;
    };
  };
};

const message = 'text number nonce author { id } channel { id name } replyTo { text }';
/** The first can be made once for all who may see it; the second has to be made for each. */
export const documents = [
  `subscription { events { __typename ... on MessageSent { message { ${message} } } } }`,
  `subscription { events { __typename ... on MessageSent { message { ${message} viewerCan { edit { isAllowed } } } } } }`,
] as const;

/** A socket that judges what it gets and keeps no more of it than it needs for that. */
export type Listener = {
  readonly userId: string;
  /** Tagged messages that came, by channel: the newest serial, and how many. */
  readonly seen: ReadonlyMap<string, { readonly serial: number; readonly count: number }>;
  /** What it should not have got, the first few. */
  readonly wrong: readonly string[];
  readonly counts: { readonly delivered: number; readonly answered: number; readonly hidden: number };
  readonly isClosed: () => boolean;
  stall(): void;
  resume(): void;
  close(): void;
};

export async function listen(url: string, person: Person, document: string): Promise<Listener> {
  const webSocket = new WebSocket(url, 'graphql-transport-ws');
  const judge = createJudge(person.userId);
  let isClosed = false;
  webSocket.on('close', () => {
    isClosed = true;
  });
  await once(webSocket, 'open');
  const send = (frame: object) => webSocket.send(JSON.stringify(frame));
  const ready = new Promise<void>((resolve) => {
    webSocket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data));
      if (type === 'connection_ack') send(subscribeFrame('events', document));
      if (type === 'next' && payload.data?.events?.__typename === 'CaughtUp') resolve();
      else if (type !== 'connection_ack') judge.take(type, payload);
    });
  });
  send({ type: 'connection_init', payload: { authorization: `Bearer ${person.session.accessToken}` } });
  await ready;
  return {
    ...judge,
    userId: person.userId,
    isClosed: () => isClosed,
    stall: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: () => webSocket.terminate(),
  };
}

function createJudge(userId: string) {
  const seen = new Map<string, { serial: number; count: number }>();
  const wrong: string[] = [];
  const counts = { delivered: 0, answered: 0, hidden: 0 };
  const blame = (what: string, payload: unknown) => {
    if (wrong.length < 10) wrong.push(`${userId} ${what}: ${JSON.stringify(payload)}`);
  };

  function take(type: string, payload: Payload): void {
    const event = payload?.data?.events;
    const said = event?.message;
    if (event?.__typename === 'Checkpoint') return;
    if (type !== 'next' || payload.errors !== undefined || !said) {
      blame(`got a ${type} without a message`, payload);
      return;
    }
    const tag: Tag = JSON.parse(said.text);
    if (!tag.to.includes(userId)) blame('got what is not for them', payload);
    if (tag.channel !== said.channel.name) blame('got a message in another channel', payload);
    if ((said.nonce !== null) !== (said.author.id === userId)) blame('got the wrong nonce', payload);
    const may = said.viewerCan?.edit.isAllowed;
    if (may !== undefined && may !== (said.author.id === userId))
      blame('got the abilities of another', payload);
    if (said.replyTo?.text) judgeAnswered(JSON.parse(said.replyTo.text), tag, payload);
    else counts.hidden += 1;
    count(tag, payload);
  }

  function judgeAnswered(answered: Tag, tag: Tag, payload: Payload): void {
    counts.answered += 1;
    if (!answered.to.includes(userId)) blame('got the answered message of others', payload);
    if (answered.channel !== tag.channel) blame('got an answered message of another channel', payload);
  }

  function count({ channel, serial }: Tag, payload: Payload): void {
    const last = seen.get(channel) ?? { serial: 0, count: 0 };
    if (serial <= last.serial) blame(`got ${serial} behind ${last.serial}`, payload);
    seen.set(channel, { serial, count: last.count + 1 });
    counts.delivered += 1;
  }
  return { seen, wrong, counts, take };
}
