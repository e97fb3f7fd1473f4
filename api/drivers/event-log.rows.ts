import { type ChannelId, channelIdOf, userIdOf } from '../../schema/ids.ts';
import { isOfMessage } from '../../schema/ports/event-log.arguments.ts';
import {
  type EventKind,
  eventKinds,
  type LogEvent,
  type MemberChange,
  type OutlineEvent,
  type StoredMessage,
} from '../../schema/stream/event.ts';

/** A row of the view `log_entry`, as `pg` gives it: a bigint is a string, a double is a number. */
export type EntryRow = {
  readonly channel_id: string;
  readonly seq: string;
  readonly number: string;
  readonly kind: number;
  readonly author_id: string;
  readonly nonce: string;
  readonly ref_seq: string | null;
  readonly created_ms: number;
  readonly body: string;
  readonly message_number: string | null;
  readonly message_author_id: string | null;
  readonly message_nonce: string | null;
  readonly message_created_ms: number | null;
  readonly text: string | null;
  readonly revision: string | null;
  readonly edited_ms: number | null;
  readonly deleted_ms: number | null;
  readonly reply_seq: string | null;
  readonly reply_number: string | null;
};

const kindOfNumber = new Map<number, EventKind>();
for (const kind of Object.keys(eventKinds) as EventKind[]) kindOfNumber.set(eventKinds[kind], kind);

export function kindOf(number: number): EventKind {
  const kind = kindOfNumber.get(number);
  if (kind === undefined) throw new Error(`The event log has an event of the unknown kind ${number}.`);
  return kind;
}

/** Stored with three decimals of a second, which a double of seconds meets but for its last bits. */
const wholeMs = (ms: number | null) => (ms === null ? null : Math.round(ms));

const replyToOf = ({ reply_seq, reply_number }: EntryRow): StoredMessage['replyTo'] =>
  reply_seq === null ? null : Object.freeze({ seq: Number(reply_seq), number: Number(reply_number) });

/** The message that a row of `message.*` is about. Its own columns are null where the event is the message. */
export function messageOf(row: EntryRow, channelId: ChannelId): StoredMessage {
  const isSent = row.kind === eventKinds['message.sent'];
  const seq = Number(isSent ? row.seq : row.ref_seq);
  return Object.freeze({
    channelId,
    seq,
    number: Number(row.message_number ?? row.number),
    authorId: userIdOf(row.message_author_id ?? row.author_id),
    nonce: (row.message_nonce ?? row.nonce).slice(2),
    text: row.revision === null ? row.body : row.text,
    revision: row.revision === null ? seq : Number(row.revision),
    replyTo: replyToOf(row),
    createdAt: Math.round(row.message_created_ms ?? row.created_ms),
    editedAt: wholeMs(row.edited_ms),
    deletedAt: wholeMs(row.deleted_ms),
  });
}

export const messageOfRow = (row: EntryRow) => messageOf(row, channelIdOf(row.channel_id));

export function eventOf(row: EntryRow, channelId: ChannelId): LogEvent {
  const kind = kindOf(row.kind);
  const isMessage = isOfMessage(kind);
  return Object.freeze({
    channelId,
    seq: Number(row.seq),
    number: Number(row.number),
    kind,
    authorId: userIdOf(row.author_id),
    nonce: row.nonce,
    createdAt: Math.round(row.created_ms),
    body: isMessage ? '' : row.body,
    refSeq: row.ref_seq === null ? null : Number(row.ref_seq),
    message: isMessage ? messageOf(row, channelId) : null,
  });
}

/** A row of what read positions depend on, in the stretch at this place. */
export type OutlineRow = {
  readonly place: string;
  readonly seq: string;
  readonly number: string;
  readonly kind: number;
  /** Of the message, where it is one or the deletion of one. */
  readonly author_id: string;
  readonly message_number: string | null;
  readonly deleted_seq: string | null;
  /** Of comings and goings only. */
  readonly body: string | null;
};

export function outlineOf(row: OutlineRow): OutlineEvent {
  const [seq, number, kind] = [Number(row.seq), Number(row.number), kindOf(row.kind)];
  const authorId = userIdOf(row.author_id);
  if (kind === 'message.sent')
    return {
      kind,
      seq,
      number,
      authorId,
      deletedSeq: row.deleted_seq === null ? null : Number(row.deleted_seq),
    };
  if (kind === 'message.deleted')
    return { kind, seq, number, authorId, messageNumber: Number(row.message_number) };
  if (kind !== 'member.added' && kind !== 'member.removed')
    throw new Error(`An outline has an event of the kind ${kind}.`);
  const { userId }: MemberChange = JSON.parse(row.body ?? '');
  return { kind, seq, number, userId };
}
