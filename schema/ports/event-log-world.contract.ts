import { type ChannelId, channelIdOf, type Seq, serverAuthorId, type UserId, userIdOf } from '../ids.ts';
import { clientNonce, type EventDraft, type LogEvent, serverNonce } from '../stream/event.ts';
import type { Appended, EventLog } from './event-log.ts';

/** A store of its own for one suite. */
export type EventLogWorld = {
  /** Opens the store as one more process would, with connections of its own. The world closes it. */
  openLog(): Promise<EventLog>;
  close(): Promise<void>;
};

export const ada = userIdOf(101n);
export const ben = userIdOf(102n);
/** Some time in 2024, so that a store that mixes up seconds and milliseconds is noticed. */
export const start = 1_717_171_717_171;

let lastChannel = 4_000n;
/** A channel that nothing was written to yet. */
export const freshChannel = (): ChannelId => {
  lastChannel += 1n;
  return channelIdOf(lastChannel);
};

let lastNonce = 0;
const freshNonce = () => {
  lastNonce += 1;
  return clientNonce(`nonce-${lastNonce}`);
};

type Named = { readonly by?: UserId; readonly nonce?: string };
const draftBy = ({ by = ada, nonce }: Named) => ({
  authorId: by,
  nonce: nonce === undefined ? freshNonce() : clientNonce(nonce),
});

export const sent = (body: string, named: Named = {}): EventDraft => ({
  kind: 'message.sent',
  ...draftBy(named),
  body,
});
export const answering = (refSeq: Seq, body: string, named: Named = {}): EventDraft => ({
  ...sent(body, named),
  refSeq,
});
export const edited = (refSeq: Seq, body: string, named: Named = {}): EventDraft => ({
  kind: 'message.edited',
  ...draftBy(named),
  body,
  refSeq,
});
export const deleted = (refSeq: Seq, named: Named = {}): EventDraft => ({
  kind: 'message.deleted',
  ...draftBy(named),
  body: '',
  refSeq,
});
export const memberAdded = (version: number, body = '{"role":"MEMBER"}'): EventDraft => ({
  kind: 'member.added',
  authorId: serverAuthorId,
  nonce: serverNonce(`membership:${version}`),
  body,
});

/** Appends one draft as a round of its own. */
export async function appendOne(log: EventLog, channelId: ChannelId, draft: EventDraft): Promise<Appended> {
  const [appended] = await log.append(channelId, [draft], start);
  if (!appended) throw new Error('An append answered nothing.');
  return appended;
}

/** Everything a channel's log has, page by page. */
export async function readAll(log: EventLog, channelId: ChannelId, limit = 1_000): Promise<LogEvent[]> {
  const all: LogEvent[] = [];
  for (let page = await log.read(channelId, 0, limit); page.length > 0; ) {
    all.push(...page);
    page = await log.read(channelId, all.length, limit);
  }
  return all;
}

export const seqsOf = (events: readonly { readonly seq: Seq }[]) => events.map(({ seq }) => seq);
