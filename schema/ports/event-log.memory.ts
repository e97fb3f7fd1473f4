import type { ChannelId, Seq } from '../ids.ts';
import type { EventDraft, LogEvent, MemberChange, OutlineEvent, StoredMessage } from '../stream/event.ts';
import {
  changesMessage,
  checkLimit,
  checkRound,
  checkStretches,
  closedRange,
  nonceKeyOf,
  notAMessage,
  staleRevision,
} from './event-log.arguments.ts';
import type { Appended, EventLog, Head, MessageKey, MessageRange, MessagesPage } from './event-log.ts';

type Entry = Omit<LogEvent, 'body' | 'message'> & { body: string };
type State = {
  text: string | null;
  revision: Seq;
  editedAt: number | null;
  deletedAt: number | null;
  deletedSeq: Seq | null;
  readonly edits: Entry[];
};
/** One channel: `entries[seq - 1]`, `messages[number - 1]`, and what edits and deletions made of messages, by `seq`. */
type Channel = {
  readonly id: ChannelId;
  readonly entries: Entry[];
  readonly messages: Entry[];
  readonly states: Map<Seq, State>;
  readonly nonces: Map<string, Entry>;
};

const emptyChannel = (id: ChannelId): Channel => ({
  id,
  entries: [],
  messages: [],
  states: new Map(),
  nonces: new Map(),
});

function headOf({ entries, messages }: Channel): Head {
  return {
    head: entries.length,
    messageCount: messages.length,
    lastCreatedAt: entries.at(-1)?.createdAt ?? 0,
  };
}

function replyToOf({ entries }: Channel, { refSeq }: Entry): StoredMessage['replyTo'] {
  const answered = entries[(refSeq ?? 0) - 1];
  return answered ? Object.freeze({ seq: answered.seq, number: answered.number }) : null;
}

function messageOf(channel: Channel, sent: Entry): StoredMessage {
  const { seq, number, authorId, createdAt } = sent;
  const state = channel.states.get(seq);
  return Object.freeze({
    channelId: channel.id,
    seq,
    number,
    authorId,
    nonce: sent.nonce.slice(2),
    text: state ? state.text : sent.body,
    revision: state?.revision ?? seq,
    replyTo: replyToOf(channel, sent),
    createdAt,
    editedAt: state?.editedAt ?? null,
    deletedAt: state?.deletedAt ?? null,
  });
}

function eventOf(channel: Channel, entry: Entry): LogEvent {
  const sent = entry.kind === 'message.sent' ? entry : channel.entries[(entry.refSeq ?? 0) - 1];
  const message = sent ? messageOf(channel, sent) : null;
  return Object.freeze({ ...entry, body: message ? '' : entry.body, message });
}

/** What names no message, or one with another revision, is refused before anything of its round is written. */
function checkTargets({ entries, states }: Channel, fresh: readonly EventDraft[]): void {
  fresh.forEach(({ refSeq, ifRevision }, place) => {
    if (refSeq === undefined) return;
    const target = entries[refSeq - 1] ?? fresh.slice(0, place)[refSeq - 1 - entries.length];
    if (target?.kind !== 'message.sent') throw notAMessage();
    const revision = states.get(refSeq)?.revision ?? refSeq;
    if (ifRevision !== undefined && ifRevision !== revision) throw staleRevision();
  });
}

function commit(channel: Channel, draft: EventDraft, now: number): void {
  const { head, messageCount, lastCreatedAt } = headOf(channel);
  const entry: Entry = {
    channelId: channel.id,
    seq: head + 1,
    number: draft.kind === 'message.sent' ? messageCount + 1 : messageCount,
    kind: draft.kind,
    authorId: draft.authorId,
    nonce: draft.nonce,
    createdAt: Math.max(now, lastCreatedAt),
    body: draft.kind === 'message.deleted' ? '' : draft.body,
    refSeq: draft.refSeq ?? null,
  };
  channel.entries.push(entry);
  channel.nonces.set(nonceKeyOf(entry), entry);
  if (entry.kind === 'message.sent') channel.messages.push(entry);
  if (changesMessage(entry.kind)) changeMessage(channel, entry);
}

const newState = (text: string): State => ({
  ...{ text, revision: 0, editedAt: null, deletedAt: null, deletedSeq: null, edits: [] },
});

/** A deletion wins over every edit, whichever comes later; of two edits the later one wins. */
function changeMessage(channel: Channel, change: Entry): void {
  const sent = channel.entries[(change.refSeq ?? 0) - 1];
  if (!sent) throw notAMessage();
  const before = channel.states.get(sent.seq);
  const state: State = before ?? newState(sent.body);
  channel.states.set(sent.seq, state);
  state.revision = change.seq;
  if (state.deletedAt !== null) change.body = '';
  else if (change.kind === 'message.edited') {
    state.text = change.body;
    state.editedAt = change.createdAt;
    state.edits.push(change);
  } else {
    state.text = null;
    state.deletedAt = change.createdAt;
    state.deletedSeq = change.seq;
    for (const written of [sent, ...state.edits.splice(0)]) written.body = '';
  }
}

function pageOf(channel: Channel, range: MessageRange): MessagesPage {
  const { after, before } = closedRange(range);
  const from = Math.max(after, 0);
  const to = Math.max(Math.min(before - 1, channel.messages.length), from);
  const taken = Math.min(range.limit, to - from);
  const start = range.take === 'first' ? from : to - taken;
  const page = channel.messages.slice(start, start + taken);
  const messages = page.map((sent) => messageOf(channel, sent));
  return { messages, answered: range.alsoAnswered ? answeredBy(channel, page) : [] };
}

/** What these messages answer, without those among them. */
function answeredBy(channel: Channel, page: readonly Entry[]): readonly StoredMessage[] {
  const wanted = new Set(page.flatMap(({ refSeq }) => channel.entries[(refSeq ?? 0) - 1] ?? []));
  for (const sent of page) wanted.delete(sent);
  return [...wanted].map((sent) => messageOf(channel, sent));
}

/** What of an event read positions depend on; undefined when it is nothing. */
function outlineOf({ entries, states }: Channel, entry: Entry): OutlineEvent | undefined {
  const { seq, number, kind, authorId, body } = entry;
  if (kind === 'message.sent')
    return { kind, seq, number, authorId, deletedSeq: states.get(seq)?.deletedSeq ?? null };
  if (kind === 'member.added' || kind === 'member.removed') {
    const { userId }: MemberChange = JSON.parse(body);
    return { kind, seq, number, userId };
  }
  const sent = kind === 'message.deleted' ? entries[(entry.refSeq ?? 0) - 1] : undefined;
  if (sent === undefined || states.get(sent.seq)?.deletedSeq !== seq) return undefined;
  return { kind: 'message.deleted', seq, number, authorId: sent.authorId, messageNumber: sent.number };
}

function appendTo(channel: Channel, drafts: readonly EventDraft[], now: number): readonly Appended[] {
  const fresh = new Set(drafts.filter((draft) => !channel.nonces.has(nonceKeyOf(draft))));
  checkTargets(channel, [...fresh]);
  for (const draft of fresh) commit(channel, draft, now);
  return drafts.map((draft) => {
    const entry = channel.nonces.get(nonceKeyOf(draft));
    if (!entry) throw new Error('An event of this round is missing.');
    return Object.freeze({ event: eventOf(channel, entry), deduplicated: !fresh.has(draft) });
  });
}

/**
 * The reference: everything in this process's memory, gone with it. Each call does its work in one go, so an append is atomic
 * and its outcome is never unknown.
 */
export function openMemoryEventLog(options: { readonly epoch?: number } = {}): EventLog {
  const channels = new Map<ChannelId, Channel>();
  let isOpen = true;
  const channelOf = (id: ChannelId) => {
    if (!isOpen) throw new Error('The event log is closed.');
    return channels.get(id) ?? emptyChannel(id);
  };
  const messageAt = (key: MessageKey) => {
    const channel = channelOf(key.channelId);
    const sent = 'seq' in key ? channel.entries[key.seq - 1] : channel.messages[key.number - 1];
    return sent?.kind === 'message.sent' ? messageOf(channel, sent) : undefined;
  };
  return {
    async append(channelId, drafts, now) {
      checkRound(drafts, now);
      const channel = channelOf(channelId);
      channels.set(channelId, channel);
      return appendTo(channel, drafts, now);
    },
    async read(channelId, after, limit) {
      checkLimit(limit);
      const channel = channelOf(channelId);
      const from = Math.max(after, 0);
      return channel.entries.slice(from, from + limit).map((entry) => eventOf(channel, entry));
    },
    async heads(channelIds) {
      return {
        epoch: options.epoch ?? 1,
        heads: new Map(channelIds.map((id) => [id, headOf(channelOf(id))])),
      };
    },
    messages: async (channelId, range) => pageOf(channelOf(channelId), range),
    messagesAt: async (keys) => keys.map(messageAt),
    async findNonce(channelId, authorId, nonce) {
      const channel = channelOf(channelId);
      const entry = channel.nonces.get(nonceKeyOf({ authorId, nonce }));
      return entry && eventOf(channel, entry);
    },
    async outlines(stretches) {
      checkStretches(stretches);
      return stretches.map(({ channelId, after, upTo }) => {
        const channel = channelOf(channelId);
        return channel.entries.slice(after, upTo).flatMap((entry) => outlineOf(channel, entry) ?? []);
      });
    },
    async close() {
      isOpen = false;
      channels.clear();
    },
  };
}
