import { type ChannelId, type Seq, userIdOf } from '../../schema/ids.ts';
import { isOfMessage } from '../../schema/ports/event-log.arguments.ts';
import {
  type AnsweredMessage,
  type EventKind,
  eventKinds,
  type LogEvent,
  type MemberChange,
  type OutlineEvent,
  type StoredMessage,
} from '../../schema/stream/event.ts';
import type { Row } from './event-log.cassandra-store.ts';
import { kindOf } from './event-log.rows.ts';

/** An event as it is stored. */
export type Entry = Omit<LogEvent, 'channelId' | 'message'> & {
  /** Of an edit or deletion, the place of the one before it in the channel. */
  readonly changeBefore: Seq;
};

/** What an edited or deleted message says now. */
export type State = {
  readonly text: string;
  readonly revision: Seq;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  readonly deletedSeq: Seq | null;
};

const seqOf = (value: unknown): Seq | null => (typeof value === 'bigint' ? Number(value) : null);
const dateOf = (value: unknown): number | null => (value instanceof Date ? value.getTime() : null);

export const entryOf = (row: Row): Entry => ({
  seq: Number(row.seq),
  number: Number(row.number),
  kind: kindOf(row.type),
  authorId: userIdOf(row.author_id),
  nonce: row.event_nonce,
  createdAt: row.created_at.getTime(),
  body: row.body,
  refSeq: seqOf(row.ref_seq),
  changeBefore: seqOf(row.change_before) ?? 0,
});

/** Whoever wrote any of it wrote the revision. A text that is not there is one that a deletion has overtaken. */
export const stateOf = (row: Row): State => ({
  text: row.text ?? '',
  revision: Number(row.revision),
  editedAt: dateOf(row.edited_at),
  deletedAt: dateOf(row.deleted_at),
  deletedSeq: seqOf(row.deleted_seq),
});

export const isSent = ({ kind }: { readonly kind: EventKind }) => kind === 'message.sent';

/** What is known beside an event that is about a message. */
export type Surroundings = {
  readonly channelId: ChannelId;
  readonly entries: ReadonlyMap<Seq, Entry>;
  readonly states: ReadonlyMap<Seq, State>;
};

const entryAt = ({ entries }: Surroundings, seq: Seq | null): Entry => {
  const entry = entries.get(seq ?? 0);
  if (entry === undefined) throw new Error(`Place ${seq} of the event log is named, and is not there.`);
  return entry;
};

const replyToOf = (around: Surroundings, { refSeq }: Entry): AnsweredMessage | null =>
  refSeq === null ? null : Object.freeze({ seq: refSeq, number: entryAt(around, refSeq).number });

const textOf = (sent: Entry, state: State | undefined) => {
  if (state === undefined) return sent.body;
  return state.deletedSeq === null ? state.text : null;
};

export function messageOf(around: Surroundings, sent: Entry): StoredMessage {
  const { seq, number, authorId, createdAt } = sent;
  const state = around.states.get(seq);
  return Object.freeze({
    ...{ channelId: around.channelId, seq, number, authorId, createdAt },
    nonce: sent.nonce.slice(2),
    text: textOf(sent, state),
    revision: state?.revision ?? seq,
    replyTo: replyToOf(around, sent),
    editedAt: state?.editedAt ?? null,
    deletedAt: state?.deletedAt ?? null,
  });
}

export function eventOf(around: Surroundings, entry: Entry): LogEvent {
  const { changeBefore: _, ...stored } = entry;
  const sent = isOfMessage(entry.kind) && (isSent(entry) ? entry : entryAt(around, entry.refSeq));
  const message = sent ? messageOf(around, sent) : null;
  return Object.freeze({ channelId: around.channelId, ...stored, body: message ? '' : entry.body, message });
}

/** What of an event read positions depend on; undefined when it is nothing. */
export function outlineOf(around: Surroundings, entry: Entry): OutlineEvent | undefined {
  const { seq, number, kind, authorId } = entry;
  if (kind === 'message.sent')
    return { kind, seq, number, authorId, deletedSeq: around.states.get(seq)?.deletedSeq ?? null };
  if (kind === 'member.added' || kind === 'member.removed') {
    const { userId }: MemberChange = JSON.parse(entry.body);
    return { kind, seq, number, userId };
  }
  if (kind !== 'message.deleted' || around.states.get(entry.refSeq ?? 0)?.deletedSeq !== seq)
    return undefined;
  const sent = entryAt(around, entry.refSeq);
  return { kind, seq, number, authorId: sent.authorId, messageNumber: sent.number };
}

export const numberOfKind = (kind: EventKind) => eventKinds[kind];
