import type { Pushed } from '../history.ts';
import type { Asked } from './asked.ts';
import { isDone } from './asked.ts';
import type { Book } from './book.ts';
import { type Span, touching } from './faults.ts';
import { type FoundMessage, staysIn } from './logs.ts';
import { inside } from './ordered.ts';
import { stayAt } from './stays.ts';
import { gatherSwitches, goneOf, isCertainly, type Switch, signedOutOf } from './switches.ts';
import type { Note } from './verdict.ts';

/**
 * How far apart what was decided and what a push service takes may be, in milliseconds: a send that does not get through takes 10 s at most;
 * where the worker, the way to the service or a store was broken, it may have been stopped for 40 s and held up on its way for 30 s more.
 */
const onItsWay = { usuallyMs: 12_000, withFaultsMs: 90_000 } as const;

/** What people want of notifications, by whatever it is about. */
export type Wishes = {
  readonly muted: (seat: string) => Switch;
  /** By `person author`. */
  readonly blocked: (pair: string) => Switch;
  readonly gone: (seat: string) => Switch;
  readonly signedOut: (device: string) => Switch;
  /** What a person asked to be marked as read in a channel, in that order. */
  readonly reads: (seat: string) => readonly Asked[];
};

/** `person channel`. */
export const seatKey = (userId: string, channelId: string) => `${userId} ${channelId}`;

export function wishesIn({ asked }: Book): Wishes {
  const reads = new Map<string, Asked[]>();
  for (const one of asked.values())
    if (one.what.type === 'read') inside(reads, seatKey(one.userId, one.what.channelId), () => []).push(one);
  return {
    muted: gatherSwitches(asked, ({ what, userId }) =>
      what.type === 'mute' || what.type === 'unmute'
        ? [seatKey(userId, what.channelId), what.type === 'mute']
        : undefined,
    ),
    blocked: gatherSwitches(asked, ({ what, userId }) =>
      what.type === 'block' || what.type === 'unblock'
        ? [`${userId} ${what.otherId}`, what.type === 'block']
        : undefined,
    ),
    gone: goneOf(asked),
    signedOut: signedOutOf(asked),
    reads: (seat) => reads.get(seat) ?? [],
  };
}

/** `pushUnwanted`: a device was told of a message of which its person, for certain, was not to be told at that time. */
export function checkPushes(book: Book, wishes: Wishes, note: Note): void {
  const isHeldUp = touching(
    book.faults.filter(({ on, name }) =>
      /push|apns|web|worker|redis|postgres|cassandra/i.test(`${on} ${name}`),
    ),
  );
  for (const line of book.lines) {
    if (line.kind !== 'push' || line.note.type !== 'message') continue;
    const usual = { from: line.t - onItsWay.usuallyMs, to: line.t };
    const span = isHeldUp(usual) ? { from: line.t - onItsWay.withFaultsMs, to: line.t } : usual;
    const why = unwanted(book, wishes, { line, span });
    const { channelId, seq } = line.note;
    if (why !== undefined) note('pushUnwanted', `${channelId} ${seq} on ${line.device}: ${why}`, line.t);
  }
}

type Told = { readonly line: Pushed; readonly span: Span };

function unwanted(book: Book, wishes: Wishes, { line, span }: Told): string | undefined {
  const { note, userId, device } = line;
  const channel = book.channels.get(note.channelId);
  if (note.type !== 'message' || channel === undefined || channel.readings.length === 0) return undefined;
  const message = channel.bySeq.get(note.seq);
  if (message?.number !== note.number) return 'there is no such message';
  if (message.authorId === userId) return 'it is their own';
  if (stayAt(staysIn(channel, userId), note.seq) === undefined) return 'they were not there';
  const seat = seatKey(userId, note.channelId);
  if (isCertainly(wishes.gone(seat), span)) return 'they are not there any more';
  if (isCertainly(wishes.muted(seat), span)) return 'they have muted the channel';
  if (isCertainly(wishes.blocked(`${userId} ${message.authorId}`), span))
    return 'they have blocked its author';
  if (isCertainly(wishes.signedOut(device), span)) return 'it is signed out';
  if (isRead(wishes.reads(seat), message, span.from)) return 'they have read it';
  const isGone = book.texts
    .deletionsOf(message.messageId)
    .some((one) => isDone(one) && one.doneT < span.from);
  return isGone ? 'it was deleted' : undefined;
}

/** Reading goes forward: what was read last before then is nearly always enough to know. */
function isRead(reads: readonly Asked[], { number }: FoundMessage, by: number): boolean {
  return reads.some(({ what, doneT }) => doneT < by && what.type === 'read' && what.number >= number);
}
