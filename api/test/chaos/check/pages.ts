import type { Page } from '../history.ts';
import type { Book } from './book.ts';
import { isSameMessage } from './in-log.ts';
import { firstBetween, staysIn } from './logs.ts';
import { stayAt } from './stays.ts';
import { goneOf, isCertainly, type Switch } from './switches.ts';
import type { Note } from './verdict.ts';

/**
 * Pages of history: `prefixVisibility` is a page that shows a message and not one before it that its reader may see; `authorisation` is one
 * for somebody who was not there, at that time or at that place; `phantoms` are in no log. A channel shows newcomers what came after their
 * joining, as channels do that nobody has set otherwise.
 */
export function checkPages(book: Book, note: Note): void {
  const gone = goneOf(book.asked);
  for (const line of book.lines)
    if (line.kind === 'page')
      checkPage({ book, note, isGone: gone(`${line.userId} ${line.channelId}`) }, line);
}

type Here = { readonly book: Book; readonly note: Note; readonly isGone: Switch };

function checkPage({ book, note, isGone }: Here, page: Page): void {
  const { channelId, userId, device, messages, invokedAt, t } = page;
  const channel = book.channels.get(channelId);
  if (channel === undefined || channel.readings.length === 0) return;
  const stays = staysIn(channel, userId);
  let last = { seq: 0, number: 0 };
  if (messages.length > 0 && isCertainly(isGone, { from: invokedAt, to: t }))
    note('authorisation', `a page of ${channelId} for ${device}, who was put out before asking`, t);
  for (const message of messages) {
    const { seq, number } = message;
    const where = `${channelId} ${seq} in a page for ${device}`;
    if (stayAt(stays, seq) === undefined) note('authorisation', `${where}, who was not there`, t);
    if (!isSameMessage(channel.bySeq.get(seq), message)) note('phantoms', `${where} is not in the log`, t);
    const missing =
      last.seq > 0 && number !== last.number + 1 && firstBetween(channel, stays, [last.seq, seq]);
    if (seq <= last.seq) note('prefixVisibility', `${where} comes behind ${last.seq}`, t);
    else if (missing)
      note('prefixVisibility', `${where} comes behind ${last.seq}, without ${missing.seq}`, t);
    last = { seq, number };
  }
}
