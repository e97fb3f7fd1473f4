import type { UserId } from '../../ids.ts';
import type { OutlineEvent } from '../event.ts';

/**
 * How far one member has come in a channel, and what must be known to count the rest. A projection: what the log says up to a
 * place, and how far the member said that they have read and received. Always `readNumber` ≤ `deliveredNumber` ≤ the number of
 * the newest message there, and both only grow while somebody stays.
 */
export type Counters = {
  /** In the channel at that place. Of who is not, nothing else means anything. */
  readonly isPresent: boolean;
  /** Everything up to this number is read. Never right before a message of their own: that one is read, too. */
  readonly readNumber: number;
  /** A device of theirs holds everything up to this number. */
  readonly deliveredNumber: number;
  /** Messages of their own with a number above `readNumber`, deleted ones included. */
  readonly ownAbove: number;
  /** Deleted messages of others with a number above `readNumber`. */
  readonly deletedAbove: number;
};

/** Of who was never there. */
export const noCounters: Counters = Object.freeze({
  isPresent: false,
  readNumber: 0,
  deliveredNumber: 0,
  ownAbove: 0,
  deletedAbove: 0,
});

/** Not deleted, by others, and above what is read: in closed form, so that no message is looked at. `lastNumber` at the place of the counters. */
export const unreadOf = (
  { isPresent, readNumber, ownAbove, deletedAbove }: Counters,
  lastNumber: number,
): number => (isPresent ? lastNumber - readNumber - ownAbove - deletedAbove : 0);

/** What the next event of the log makes of a member's counters. */
export function fold(counters: Counters, userId: UserId, event: OutlineEvent): Counters {
  if (event.kind === 'message.sent')
    return event.authorId === userId ? afterOwn(counters, event.number) : counters;
  if (event.kind === 'message.deleted') return afterDeletion(counters, userId, event);
  if (event.userId !== userId) return counters;
  return event.kind === 'member.added'
    ? { ...noCounters, isPresent: true, readNumber: event.number, deliveredNumber: event.number }
    : { ...counters, isPresent: false };
}

/** The same for several events in a row. */
export const foldAll = (counters: Counters, userId: UserId, events: readonly OutlineEvent[]): Counters =>
  events.reduce((folded, event) => fold(folded, userId, event), counters);

/** Who writes right behind what they have read has read that, too. Otherwise something of others lies between, and stays unread. */
function afterOwn(counters: Counters, number: number): Counters {
  if (!counters.isPresent) return counters;
  return counters.readNumber === number - 1
    ? readUpTo(counters, number)
    : { ...counters, ownAbove: counters.ownAbove + 1 };
}

function afterDeletion(
  counters: Counters,
  userId: UserId,
  { authorId, messageNumber }: Extract<OutlineEvent, { kind: 'message.deleted' }>,
): Counters {
  if (!counters.isPresent || authorId === userId || messageNumber <= counters.readNumber) return counters;
  return { ...counters, deletedAbove: counters.deletedAbove + 1 };
}

const readUpTo = (counters: Counters, number: number): Counters => ({
  ...counters,
  readNumber: number,
  deliveredNumber: Math.max(counters.deliveredNumber, number),
});

/** What lies in a stretch of a channel's messages, for one member. */
export type Passed = { readonly own: number; readonly deleted: number };

/**
 * The member says that they have read up to `number`, which lies behind `readNumber`, and at most at the newest message.
 * `passed` is what lies between the two, `run` how many messages of their own come right behind it.
 */
export function afterReading(
  counters: Counters,
  number: number,
  { passed, run }: { readonly passed: Passed; readonly run: number },
): Counters {
  return {
    ...readUpTo(counters, number + run),
    ownAbove: counters.ownAbove - passed.own - run,
    deletedAbove: counters.deletedAbove - passed.deleted,
  };
}

/** The member says that a device of theirs holds everything up to `number`, which is at most the newest message. */
export const afterReceiving = (counters: Counters, number: number): Counters =>
  number > counters.deliveredNumber ? { ...counters, deliveredNumber: number } : counters;
