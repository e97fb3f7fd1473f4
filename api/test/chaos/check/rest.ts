import type { LoggedMessage, Rested } from '../history.ts';
import type { Book } from './book.ts';
import { isSameMessage } from './in-log.ts';
import { type Channel, staysIn } from './logs.ts';
import { firstFrom } from './ordered.ts';
import { openStay, stayAt } from './stays.ts';
import type { Beginnings } from './stream.ts';
import { readText } from './texts.ts';
import type { Note } from './verdict.ts';

/**
 * `fold`: what a device shows at rest is what the log says. It has every message that was sent after it began, as long as its person has
 * been there; those of now as they are now. Of a stay that is over it may have anything that was said then. `since`: where it began.
 */
export function checkRest(book: Book, since: Beginnings, note: Note): void {
  const ended = new Set<string>(); // was signed out, and may have missed everything since
  for (const { what } of book.asked.values()) if (what.type === 'revoke') ended.add(what.ofDevice);
  for (const line of book.lines) {
    if (line.kind !== 'rest' || ended.has(line.device)) continue;
    for (const channel of book.channels.values()) {
      if (channel.readings.length === 0) continue;
      const shown = Object.hasOwn(line.channels, channel.channelId) ? line.channels[channel.channelId] : [];
      const here = { book, note, line, channel };
      checkShown(here, shown ?? []);
      checkMissing(here, { shown: shown ?? [], since: since(line.device, channel.channelId) });
    }
  }
}

type Here = {
  readonly book: Book;
  readonly note: Note;
  readonly line: Rested;
  readonly channel: Channel;
};

function checkShown({ book, note, line, channel }: Here, shown: readonly LoggedMessage[]): void {
  const stays = staysIn(channel, line.userId);
  const open = openStay(stays);
  let last = 0;
  for (const message of shown) {
    const { seq, messageId, text } = message;
    const where = `${channel.channelId} ${seq} on ${line.device}`;
    const found = channel.bySeq.get(seq);
    if (seq <= last) note('fold', `${where} stands behind ${last}`, line.t);
    last = Math.max(last, seq);
    if (found === undefined || !isSameMessage(found, message)) {
      note('fold', `${where} is not in the log`, line.t);
    } else if (stayAt(stays, seq) === undefined) {
      note('authorisation', `${where}, who was not there`, line.t);
    } else if (open !== undefined && open.joined <= seq) {
      if (text !== found.text) note('fold', `${where} says “${text}”, and the log “${found.text}”`, line.t);
    } else if (text !== null) {
      const said = readText(book.texts, { messageId, text, line: book.lines.length });
      if (typeof said === 'string') note('content', `${where}: ${said}`, line.t);
    }
  }
}

type Missing = { readonly shown: readonly LoggedMessage[]; readonly since: number };

function checkMissing({ note, line, channel }: Here, { shown, since }: Missing): void {
  const { channelId, messages, when } = channel;
  const open = openStay(staysIn(channel, line.userId));
  if (open === undefined || !Number.isFinite(since)) return;
  const first = Math.max(open.joined, when.firstAskedAfter(since));
  if (!Number.isFinite(first)) return;
  const held = new Set(shown.map(({ seq }) => seq));
  for (let at = firstFrom(messages, first, ({ seq }) => seq); at < messages.length; at += 1) {
    const message = messages[at];
    // Whether a tombstone is shown is up to whoever shows it.
    if (message === undefined || message.text === null || held.has(message.seq)) continue;
    if ((when.invokedLineOf(message.seq) ?? 0) > since)
      note(
        'fold',
        `${channelId} ${message.seq} (number ${message.number}) is missing on ${line.device}`,
        line.t,
      );
  }
}
