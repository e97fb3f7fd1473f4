import type { Asked } from './asked.ts';
import { isDone, isSurelyNotDone } from './asked.ts';
import type { Book } from './book.ts';
import { type Channel, type FoundMessage, firstBetween, type Reading, sendOf, staysIn } from './logs.ts';
import { stayAt } from './stays.ts';
import { isSurelyOlder, mayBeGone, readText } from './texts.ts';
import type { Note } from './verdict.ts';

/**
 * What is in the log in the end, whoever reads it: `lost` is acknowledged and not there, at its place and as its author made it;
 * `duplicated` is there twice; `holes` are missing places or numbers; `phantoms` nobody sent.
 */
export function checkLog(book: Book, note: Note): void {
  for (const one of book.asked.values()) checkAcknowledged(book, one, note);
  for (const channel of book.channels.values()) {
    for (const reading of channel.readings) {
      checkSends(channel, reading, note);
      checkNumbers(channel, reading, note);
      for (const message of reading.found.messages) checkLastText(book, message, note);
    }
    checkPlaces(channel, note);
  }
}

function checkAcknowledged({ channels }: Book, one: Asked, note: Note): void {
  const { what, message, seq, device, op } = one;
  if (!isDone(one) || !('channelId' in what)) return;
  const channel = channels.get(what.channelId);
  if (one.isTwo) note('duplicated', `send ${op} of ${device} was acknowledged as two messages`, one.doneT);
  if (what.type !== 'send') {
    const isBeyond = channel?.head !== undefined && seq !== undefined && seq > channel.head;
    if (isBeyond)
      note('lost', `${what.type} ${op} of ${device} is not at ${what.channelId} ${seq}`, one.doneT);
    return;
  }
  if (message === undefined) return;
  const where = `${what.channelId} ${message.seq} (number ${message.number}, send ${op} of ${device})`;
  const readings = channel?.readings ?? [];
  if (channel === undefined || readings.length === 0) {
    note('lost', `nobody read ${where}`, one.doneT);
    return;
  }
  const lacking = readings.find((reading) => mayRead(channel, reading, message.seq) && !holds(reading, one));
  if (lacking !== undefined) note('lost', `${where} is not there by ${lacking.found.source}`, one.doneT);
}

/** May whoever read the channel see this place? */
const mayRead = (channel: Channel, { found }: Reading, seq: number): boolean =>
  found.userId === undefined || stayAt(staysIn(channel, found.userId), seq) !== undefined;

function holds({ bySeq }: Reading, { message, userId, what }: Asked): boolean {
  const found = message && bySeq.get(message.seq);
  if (found === undefined || what.type !== 'send') return false;
  const isSame = found.messageId === message?.id && found.number === message.number;
  return isSame && found.authorId === userId && (found.nonce ?? what.nonce) === what.nonce;
}

/** One (author, nonce) is one message at most, and each message has somebody who sent it. */
function checkSends(channel: Channel, { found }: Reading, note: Note): void {
  const seen = new Set<Asked>();
  for (const message of found.messages) {
    const where = `${found.channelId} ${message.seq} by ${found.source}`;
    const one = sendOf(channel, message);
    if (found.source === 'history' && !isSameMessage(channel.bySeq.get(message.seq), message))
      note('phantoms', `${where} is not in the store`);
    if (message.nonce === undefined) continue;
    if (one === undefined) note('phantoms', `${where}: nobody sent ${message.nonce}`);
    else if (isSurelyNotDone(one)) note('phantoms', `${where}: send ${one.op} was refused`);
    else if (seen.has(one)) note('duplicated', `${where}: ${message.nonce} stands there once more`);
    if (one !== undefined) seen.add(one);
  }
}

export const isSameMessage = (one: FoundMessage | undefined, other: FoundMessage): boolean =>
  one?.messageId === other.messageId &&
  one.seq === other.seq &&
  one.number === other.number &&
  one.authorId === other.authorId;

/** Numbers are dense, and grow with the place. A member may miss what they may not see. */
function checkNumbers(channel: Channel, { found }: Reading, note: Note): void {
  const stays = found.userId === undefined ? undefined : staysIn(channel, found.userId);
  const isMissing = (after: number, before: number) =>
    stays !== undefined && firstBetween(channel, stays, [after, before]) !== undefined;
  let last = { seq: 0, number: 0 };
  for (const { seq, number } of found.messages) {
    const where = `${found.channelId} ${seq} by ${found.source}: number ${number} behind ${last.number}`;
    const isDense = number === last.number + 1;
    if (seq <= last.seq || number <= last.number) note('holes', where);
    else if (!isDense && (stays === undefined || isMissing(last.seq, seq))) note('holes', where);
    last = { seq, number };
  }
  const newest = channel.messages.at(-1);
  if (newest === undefined || newest.seq <= last.seq) return;
  if (stays === undefined || isMissing(last.seq, Number.POSITIVE_INFINITY))
    note('holes', `${found.channelId} ends at ${last.seq} by ${found.source}, and goes on to ${newest.seq}`);
}

/** Each place has one event, and all of them are there. */
function checkPlaces({ channelId, readings, head }: Channel, note: Note): void {
  for (const { found, bySeq } of readings) {
    const taken = new Set(bySeq.keys());
    for (const { seq } of found.memberships ?? []) {
      if (taken.has(seq)) note('holes', `${channelId} ${seq} is two events`);
      taken.add(seq);
    }
    const { eventCount, headSeq } = found;
    if (headSeq === undefined) continue;
    if (eventCount !== undefined && eventCount !== headSeq)
      note('holes', `${channelId} has ${eventCount} events up to ${headSeq}`);
    for (const seq of taken)
      if (seq > headSeq) note('holes', `${channelId} ${seq} is behind the head ${head}`);
  }
}

/** In the end a message is as its author made it last: what was acknowledged has not been undone. */
function checkLastText({ texts, lines }: Book, { messageId, text }: FoundMessage, note: Note): void {
  const isGone = texts.deletionsOf(messageId).some(isDone);
  if (text === null) {
    if (!mayBeGone(texts, messageId, lines.length))
      note('content', `${messageId} is gone; nobody deleted it`);
    return;
  }
  const said = readText(texts, { messageId, text, line: lines.length });
  if (isGone) note('lost', `${messageId} was deleted, and is there again`);
  else if (typeof said === 'string') note('content', said);
  if (isGone || typeof said !== 'object') return;
  const undone = texts.editsOf(messageId).find((edit) => isDone(edit.asked) && isSurelyOlder(said, edit));
  if (undone !== undefined) note('lost', `${messageId} has lost the edit ${undone.asked.op}`);
}
