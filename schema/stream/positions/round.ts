import type { ChannelId, Seq, UserId } from '../../ids.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { ChannelPositions, PositionsWrite, StoredPosition } from '../../ports/positions.ts';
import type { OutlineEvent } from '../event.ts';
import { afterReading, afterReceiving, type Counters, foldAll, type Passed } from './counters.ts';
import { runOf, summaryOf } from './summary.ts';

/** How far somebody says they are. Undefined: they say nothing of that. */
export type Mark = { readonly read?: number | undefined; readonly delivered?: number | undefined };

type Log = Pick<EventLog, 'heads' | 'outlines' | 'messagesAt'>;
/** A channel and the end of its log that is taken into account. */
type Place = {
  readonly log: Log;
  readonly channelId: ChannelId;
  readonly head: Seq;
  readonly lastNumber: number;
};

/** One read of outlines, and as many events as one round takes into account: a few megabytes. */
const page = 1_000;
const mostEvents = 10_000;

/** Behind what is stored: the events, and up to where they go. `isAll`: to the end of the log. */
export type Tail = Omit<Place, 'log' | 'channelId'> & {
  readonly events: readonly OutlineEvent[];
  /** Messages with numbers above this one are all in `events`. */
  readonly appliedNumber: number;
  readonly isAll: boolean;
};

export async function readTail(
  log: Log,
  channelId: ChannelId,
  { appliedSeq, appliedNumber }: Pick<ChannelPositions, 'appliedSeq' | 'appliedNumber'>,
): Promise<Tail> {
  const { heads } = await log.heads([channelId]);
  const end = Math.max(heads.get(channelId)?.head ?? 0, appliedSeq);
  const head = Math.min(end, appliedSeq + mostEvents);
  const events = await readOutline(log, channelId, { after: appliedSeq, upTo: head });
  const lastNumber = Math.max(appliedNumber, events.at(-1)?.number ?? 0);
  return { events, head, lastNumber, appliedNumber, isAll: head === end };
}

/** What is in a stretch of any length, page by page in one read. */
export async function readOutline(
  log: Pick<EventLog, 'outlines'>,
  channelId: ChannelId,
  { after, upTo }: { readonly after: Seq; readonly upTo: Seq },
): Promise<readonly OutlineEvent[]> {
  const stretches = [];
  for (let from = after; from < upTo; from += page)
    stretches.push({ channelId, after: from, upTo: Math.min(from + page, upTo) });
  return (await log.outlines(stretches)).flat();
}

/**
 * What becomes of the positions of a channel by its log and by what people say. Undefined when nothing does that would have to
 * be written.
 */
export async function planOf(
  stored: ChannelPositions,
  tail: Tail,
  {
    log,
    channelId,
    marks,
    now,
  }: {
    readonly log: Log;
    readonly channelId: ChannelId;
    readonly marks: ReadonlyMap<UserId, Mark>;
    readonly now: number;
  },
): Promise<PositionsWrite | undefined> {
  const place = { log, channelId, ...tail };
  const moves: Move[] = [];
  for (const position of stored.positions)
    moves.push(await moveOf(position, { ...place, mark: marks.get(position.userId) }));
  const isMoved = moves.some(({ folded, counters }) => counters !== folded);
  if (!isMoved && tail.head === stored.appliedSeq) return undefined;
  return {
    appliedSeq: tail.head,
    appliedNumber: tail.lastNumber,
    summary: summaryOf(moves.map(({ position, counters }) => ({ ...position, counters }))),
    changed: moves.flatMap(changeOf),
    now,
  };
}

/** A position as it was stored, as the log makes it, and as the mark makes it after that. */
type Move = { readonly position: StoredPosition; readonly folded: Counters; readonly counters: Counters };

async function moveOf(
  position: StoredPosition,
  { mark, ...place }: Place & Tail & { readonly mark: Mark | undefined },
): Promise<Move> {
  const folded = foldAll(position.counters, position.userId, place.events);
  // Before the end of the log a mark could lie beyond what is known.
  if (mark === undefined || !folded.isPresent || !place.isAll) return { position, folded, counters: folded };
  const isReadFurther = mark.read !== undefined && mark.read > folded.readNumber;
  const read = isReadFurther
    ? await readTo(folded, position.userId, { ...place, number: mark.read ?? 0 })
    : folded;
  const counters = afterReceiving(read, Math.min(mark.delivered ?? 0, place.lastNumber));
  return { position, folded, counters };
}

function changeOf({ position, folded, counters }: Move): PositionsWrite['changed'] {
  const { userId, isShared, counters: before } = position;
  const keys = Object.keys(before) as (keyof Counters)[];
  if (keys.every((key) => before[key] === counters[key])) return [];
  // What the log made of it, everybody has from the log.
  const isRead = counters.readNumber !== folded.readNumber;
  const isMoved = isRead || counters.deliveredNumber !== folded.deliveredNumber;
  return [{ userId, counters, isTold: isShared && isMoved, movesFeed: isRead || (isMoved && !isShared) }];
}

/** Reading up to this number, which is more than was read. Costs a look at what lies between, or at what lies behind if that is less. */
async function readTo(
  counters: Counters,
  userId: UserId,
  { number: wanted, ...place }: Place & Tail & { readonly number: number },
): Promise<Counters> {
  const number = Math.min(wanted, place.lastNumber);
  const { readNumber, ownAbove, deletedAbove } = counters;
  if (number === place.lastNumber)
    return afterReading(counters, number, { passed: { own: ownAbove, deleted: deletedAbove }, run: 0 });
  if (ownAbove === 0 && deletedAbove === 0)
    return afterReading(counters, number, { passed: { own: 0, deleted: 0 }, run: 0 });
  const isNear = number - readNumber <= place.lastNumber - number;
  const [from, to] = isNear ? [readNumber, number + 1] : [number, place.lastNumber];
  const messages = await messagesBetween(place, { after: from, upTo: to });
  if (!isNear) {
    const above = passedIn(messages, userId, place.head);
    const passed = { own: ownAbove - above.own, deleted: deletedAbove - above.deleted };
    return afterReading(counters, number, { passed, run: runOf(userId, number, messages) });
  }
  const passed = passedIn(
    messages.filter((message) => message.number <= number),
    userId,
    place.head,
  );
  return afterReading(counters, number, {
    passed,
    run: await runBehind(place, { number, userId, messages }),
  });
}

/**
 * The messages with numbers above the one and up to the other, as they are now. Who reads along marks what is new, and that has been
 * read for this round.
 */
async function messagesBetween(
  { log, channelId, appliedNumber, events: tail }: Place & Tail,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<readonly OutlineEvent[]> {
  if (after >= appliedNumber)
    return tail.filter(({ kind, number }) => kind === 'message.sent' && number > after && number <= upTo);
  const [first, last] = await log.messagesAt([
    { channelId, number: after + 1 },
    { channelId, number: upTo },
  ]);
  if (first === undefined || last === undefined) throw new Error(`A message of ${channelId} is missing.`);
  const events = await readOutline(log, channelId, { after: first.seq - 1, upTo: last.seq });
  return events.filter(({ kind }) => kind === 'message.sent');
}

/** What of these counts for somebody; deleted is what was so at the place up to which the log is taken into account. */
function passedIn(messages: readonly OutlineEvent[], userId: UserId, head: Seq): Passed {
  let [own, deleted] = [0, 0];
  for (const message of messages) {
    if (message.kind !== 'message.sent') continue;
    if (message.authorId === userId) own += 1;
    else if (message.deletedSeq !== null && message.deletedSeq <= head) deleted += 1;
  }
  return { own, deleted };
}

/** As many as are read at once to find the end of a run: people seldom write more in a row. */
const runPage = 50;

/** How many messages of this person come right behind a number. Those read so far go up to the next one. */
async function runBehind(
  place: Place & Tail,
  {
    number,
    userId,
    messages,
  }: {
    readonly number: number;
    readonly userId: UserId;
    readonly messages: readonly OutlineEvent[];
  },
): Promise<number> {
  let run = runOf(userId, number, messages);
  for (let known = number + 1; run > 0 && run === known - number && known < place.lastNumber; ) {
    const upTo = Math.min(known + runPage, place.lastNumber);
    const more = runOf(userId, known, await messagesBetween(place, { after: known, upTo }));
    run += more;
    if (more < upTo - known) break;
    known = upTo;
  }
  return run;
}
