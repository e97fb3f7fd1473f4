import { type ChannelId, rowIdOf } from '../../schema/ids.ts';
import type { Appended } from '../../schema/ports/event-log.ts';
import { type EventDraft, eventKinds, type LogEvent, type StoredMessage } from '../../schema/stream/event.ts';
import { type EntryRow, eventOf } from './event-log.rows.ts';

/** Where the log ended before a round, and the date of the round: enough when all of it is new. */
type RoundRow = {
  readonly head_before: string;
  readonly count_before: string;
  readonly committed_ms: number;
};
/** A row that `append_events` answers: with the event of a draft, or without when all drafts are new. */
export type AppendedRow = RoundRow & (EntryRow | { readonly kind: null });

/** How many messages a round has up to each of its drafts. */
export function countsOf(drafts: readonly EventDraft[]): number[] {
  let count = 0;
  return drafts.map(({ kind }) => {
    if (kind === 'message.sent') count += 1;
    return count;
  });
}

/** The parameters of `append_events`: a column per property of the drafts. */
export function roundOf(channelId: ChannelId, drafts: readonly EventDraft[], now: number): unknown[] {
  const channel = rowIdOf.channel(channelId);
  const authors = drafts.map(({ authorId }) => rowIdOf.user(authorId));
  if (channel < 0n || authors.some((author) => author < 0n))
    throw new Error('Events need a channel and an author.');
  return [
    channel,
    now,
    drafts.map(({ kind }) => eventKinds[kind]),
    countsOf(drafts),
    authors,
    drafts.map(({ nonce }) => nonce),
    drafts.map(({ kind, body }) => (kind === 'message.deleted' ? '' : body)),
    drafts.map(({ refSeq }) => refSeq ?? null),
    drafts[0]?.ifRevision ?? null,
  ];
}

/** What `append_events` answered, per draft. */
export function appendedOf(
  channelId: ChannelId,
  drafts: readonly EventDraft[],
  rows: readonly AppendedRow[],
): readonly Appended[] {
  const [first] = rows;
  if (!first) throw new Error('`append_events` answered nothing.');
  if (first.kind === null) {
    const counts = countsOf(drafts);
    return drafts.map((draft, index) =>
      Object.freeze({
        event: newEvent(channelId, draft, placeOf(first, index, counts[index] ?? 0)),
        deduplicated: false,
      }),
    );
  }
  return rows.map((row) => {
    if (row.kind === null) throw new Error('`append_events` answered without an event.');
    return Object.freeze({
      event: eventOf(row, channelId),
      deduplicated: Number(row.seq) <= Number(row.head_before),
    });
  });
}

type Place = Pick<LogEvent, 'seq' | 'number' | 'createdAt'>;

const placeOf = (round: RoundRow, index: number, count: number): Place => ({
  seq: Number(round.head_before) + index + 1,
  number: Number(round.count_before) + count,
  createdAt: Math.round(round.committed_ms),
});

/**
 * The event that a draft became, which names no message: the same as would be read, without reading it. Nothing can have
 * changed it yet.
 */
export function newEvent(channelId: ChannelId, draft: EventDraft, place: Place): LogEvent {
  const { kind, authorId, nonce, body } = draft;
  const message = kind === 'message.sent' ? newMessage(channelId, draft, place) : null;
  return Object.freeze({
    channelId,
    ...place,
    kind,
    authorId,
    nonce,
    body: message ? '' : body,
    refSeq: null,
    message,
  });
}

const newMessage = (channelId: ChannelId, draft: EventDraft, place: Place): StoredMessage =>
  Object.freeze({
    channelId,
    ...place,
    authorId: draft.authorId,
    nonce: draft.nonce.slice(2),
    text: draft.body,
    revision: place.seq,
    replyTo: null,
    editedAt: null,
    deletedAt: null,
  });
