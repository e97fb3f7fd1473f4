import { type ChannelId, rowIdOf, type Seq } from '../../schema/ids.ts';
import { changesMessage } from '../../schema/ports/event-log.arguments.ts';
import { type EventDraft, eventKinds } from '../../schema/stream/event.ts';
import { type Found, nonceOf } from './event-log.cassandra-nonces.ts';
import { type Place, placeOfRow } from './event-log.cassandra-places.ts';
import type { Query, Row } from './event-log.cassandra-store.ts';
import { countsOf } from './event-log.round.ts';

const moveHead = `UPDATE log SET head = ?, message_count = ?, last_created_at = ?, change_seq = ?
  WHERE channel_id = ? AND bucket = ?
  IF head = ? AND message_count = ? AND last_created_at = ? AND change_seq = ?`;
const insertNonce = `INSERT INTO log (channel_id, bucket, kind, seq, nonce, ref_seq)
  VALUES (?, ?, 1, 0, ?, ?) IF NOT EXISTS`;
/** Unconditional: the head says that nobody else has these places. */
const insertEvent = `INSERT INTO log (channel_id, bucket, kind, seq, nonce,
    number, type, author_id, event_nonce, created_at, body, ref_seq, change_before)
  VALUES (?, ?, 0, ?, '', ?, ?, ?, ?, ?, ?, ?, ?)`;

/** A draft with what it becomes if its round is committed at this place. */
export type Placed = {
  readonly draft: EventDraft;
  readonly seq: Seq;
  readonly number: number;
  readonly createdAt: number;
};
/** `after`: the place behind it. */
export type Round = {
  readonly placed: readonly Placed[];
  readonly after: Place;
  readonly queries: readonly Query[];
};

type Drafted = { readonly drafts: readonly EventDraft[]; readonly now: number };

/** One conditional batch in one partition: moves the head, takes the nonces, and writes the events. */
export function roundAt(place: Place, channelId: ChannelId, { drafts, now }: Drafted): Round {
  const counts = countsOf(drafts);
  const createdAt = Math.max(now, place.lastCreatedAt);
  const placed = drafts.map((draft, index) => ({
    ...{ draft, createdAt, seq: place.head + index + 1 },
    number: place.messageCount + (counts[index] ?? 0),
  }));
  const after = placeBehind(place, placed);
  const where = [rowIdOf.channel(channelId), place.bucket];
  const condition = place.isOpened ? staticsOf(place) : [null, null, null, null];
  const nonces = placed.map(({ draft, seq }) => [...where, nonceOf(draft), BigInt(seq)]);
  const queries = [
    { query: moveHead, params: [...staticsOf(after), ...where, ...condition] },
    ...nonces.map((params) => ({ query: insertNonce, params })),
    ...eventsOf(placed, place.changeSeq).map((values) => ({
      query: insertEvent,
      params: [...where, ...values],
    })),
  ];
  return { placed, after, queries };
}

const staticsOf = ({ head, messageCount, lastCreatedAt, changeSeq }: Place) => [
  ...[BigInt(head), BigInt(messageCount), new Date(lastCreatedAt), BigInt(changeSeq)],
];

function placeBehind(place: Place, placed: readonly Placed[]): Place {
  const last = placed.at(-1);
  if (last === undefined) throw new Error('A round has a draft.');
  const change = placed.findLast(({ draft }) => changesMessage(draft.kind));
  return Object.freeze({
    ...{ bucket: place.bucket, isOpened: true, changeSeq: change?.seq ?? place.changeSeq },
    ...{ head: last.seq, messageCount: last.number, lastCreatedAt: last.createdAt },
  });
}

/** The values of each event, but for its partition. What an event has not is left unset: a null would be stored. */
function eventsOf(placed: readonly Placed[], changeSeq: Seq): unknown[][] {
  let changeBefore = changeSeq;
  return placed.map(({ draft, seq, number, createdAt }) => {
    const { kind, authorId, nonce, body, refSeq } = draft;
    const isChange = changesMessage(kind);
    const before = isChange ? BigInt(changeBefore) : undefined;
    if (isChange) changeBefore = seq;
    return [
      ...[BigInt(seq), BigInt(number), eventKinds[kind], rowIdOf.user(authorId), nonce, new Date(createdAt)],
      ...[kind === 'message.deleted' ? '' : body, refSeq === undefined ? undefined : BigInt(refSeq), before],
    ];
  });
}

/**
 * What became of a round. When it was refused: which of its nonces are there already, and where the bucket ends, which is not said
 * of one that nothing was ever written in.
 */
export type Outcome =
  | { readonly isCommitted: true }
  | { readonly isCommitted: false; readonly found: Found; readonly place: Place | undefined };

export function outcomeOfRows(rows: readonly Row[], bucket: number): Outcome {
  const [first] = rows;
  if (first?.['[applied]'] === true) return { isCommitted: true };
  const taken = rows.filter(({ kind }) => kind === 1);
  return {
    isCommitted: false,
    found: new Map(taken.map(({ nonce, ref_seq }) => [nonce, Number(ref_seq)])),
    place: placeOfRow(first, bucket),
  };
}
