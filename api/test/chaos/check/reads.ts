import type { Looked } from '../history.ts';
import { type Asked, isDone } from './asked.ts';
import type { Book } from './book.ts';
import { type Channel, numberAt, staysIn } from './logs.ts';
import { firstFrom, inside } from './ordered.ts';
import { openStay } from './stays.ts';
import type { Note } from './verdict.ts';

/** How far somebody said that they have read: what was answered is done, what was not may be. */
type Marks = { done: number; asked: number };

/**
 * `readState`: a device sees nobody's position go back while they stay; in the end it is at least what was acknowledged and what anybody was
 * told, and at most what was asked for. `unreadDrift`: what somebody is shown as unread is not what a recount comes to, or their channels
 * are not those that they are in.
 */
export function checkReads(book: Book, note: Note): void {
  const marks = gatherMarks(book.asked);
  const told = checkPositions(book, note);
  for (const line of book.lines) {
    if (line.kind !== 'look') continue;
    for (const seen of line.channels) {
      const key = `${line.userId} ${seen.channelId}`;
      const known = { marks: marks.get(key) ?? { done: 0, asked: 0 }, told: told.get(key) ?? 0 };
      checkSeat(book, { ...seen, userId: line.userId, ...known }, note);
    }
    checkTotal(book, line, note);
  }
}

function gatherMarks(asked: ReadonlyMap<number, Asked>): ReadonlyMap<string, Marks> {
  const marks = new Map<string, Marks>();
  for (const one of asked.values()) {
    const { what, userId } = one;
    if (what.type !== 'read') continue;
    const mark = inside(marks, `${userId} ${what.channelId}`, () => ({ done: 0, asked: 0 }));
    mark.asked = Math.max(mark.asked, what.number);
    if (isDone(one)) mark.done = Math.max(mark.done, what.number);
  }
  return marks;
}

/** Also what anybody was told last of each person in each channel, at most. */
function checkPositions({ lines }: Book, note: Note): ReadonlyMap<string, number> {
  const devices = new Map<string, Map<string, number>>();
  const most = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== 'delivery' || !('memberUserId' in line.event)) continue;
    const { event, device, channelId, t } = line;
    const known = inside(devices, device, () => new Map<string, number>());
    const key = `${event.memberUserId} ${channelId}`;
    if (event.type !== 'position') {
      known.delete(key); // who comes anew has read what was there, and nothing else is known of them
      continue;
    }
    const { readNumber } = event;
    if (readNumber === null) continue;
    const before = known.get(key) ?? 0;
    if (readNumber < before)
      note(
        'readState',
        `${device} was told that ${event.memberUserId} went from ${before} back to ${readNumber}`,
        t,
      );
    known.set(key, Math.max(before, readNumber));
    most.set(key, Math.max(most.get(key) ?? 0, readNumber));
  }
  return most;
}

type Seat = Looked['channels'][number] & {
  readonly userId: string;
  readonly marks: Marks;
  readonly told: number;
};

function checkSeat({ channels }: Book, seat: Seat, note: Note): void {
  const { channelId, userId, readNumber, unreadCount, marks, told } = seat;
  const channel = channels.get(channelId);
  const stay = openStay(staysIn(channel, userId));
  if (channel === undefined || channel.members === undefined || stay === undefined) return;
  const joined = numberAt(channel, stay.joined);
  const newest = channel.messages.at(-1)?.number ?? 0;
  const least = readOn(channel, userId, Math.max(joined, Math.min(newest, Math.max(marks.done, told))));
  const most = readOn(channel, userId, Math.max(joined, marks.asked));
  const who = `${userId} in ${channelId}`;
  if (readNumber < least || readNumber > most)
    note('readState', `${who} has read up to ${readNumber}, and should have from ${least} to ${most}`);
  const unread = countUnread(channel, userId, readNumber);
  if (unreadCount !== unread) note('unreadDrift', `${who} is shown ${unreadCount} unread, and has ${unread}`);
}

const placeBehind = ({ messages }: Channel, number: number) =>
  firstFrom(messages, number + 1, (message) => message.number);

/** Who has read everything before a message of their own has read that, too. */
function readOn(channel: Channel, userId: string, number: number): number {
  let read = number;
  for (let at = placeBehind(channel, number); channel.messages[at]?.authorId === userId; at += 1)
    read = channel.messages[at]?.number ?? read;
  return read;
}

function countUnread(channel: Channel, userId: string, readNumber: number): number {
  let count = 0;
  for (let at = placeBehind(channel, readNumber); at < channel.messages.length; at += 1) {
    const message = channel.messages[at];
    if (message !== undefined && message.authorId !== userId && message.text !== null) count += 1;
  }
  return count;
}

function checkTotal({ channels }: Book, { userId, unreadCount, channels: seen }: Looked, note: Note): void {
  let total = 0;
  for (const one of seen) if (!one.isMuted) total += one.unreadCount;
  if (unreadCount !== total)
    note('unreadDrift', `${userId} is shown ${unreadCount} unread in all, and ${total} one by one`);
  const shown = new Set(seen.map(({ channelId }) => channelId));
  for (const { channelId, members, readings } of channels.values()) {
    if (members === undefined || readings.length === 0) continue;
    const isThere = openStay(members.get(userId) ?? []) !== undefined;
    if (isThere !== shown.has(channelId))
      note('unreadDrift', `${userId} is ${isThere ? 'in' : 'not in'} ${channelId}, and is shown otherwise`);
  }
}
