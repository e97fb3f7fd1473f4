import type { Delivered, Page } from '../history.ts';
import { isDone, isTight } from './asked.ts';
import type { Book } from './book.ts';
import { staysIn } from './logs.ts';
import { openStay } from './stays.ts';
import { isSurelyOlder, mayBeGone, readText, type Said } from './texts.ts';
import type { Note } from './verdict.ts';

/** What this subscription was told of messages that change: which text last, or that it is gone. */
type Shown = { readonly attempt: number; readonly newest: Map<string, Said | 'gone'> };

/** A page that was asked for so long after a change was acknowledged shows it; in milliseconds. As for the stream, nothing is older than that. */
const stalenessMs = 90_000;

/**
 * `content`: what is shown of a message is something that its author said in it, and within one subscription never something older than
 * was shown before, nor older than the event that it comes with.
 */
export function checkContent(book: Book, note: Note): void {
  const devices = new Map<string, Shown>();
  book.lines.forEach((line, at) => {
    if (line.kind === 'page') checkPage(book, line, { note, at });
    if (line.kind !== 'delivery') return;
    const { event, device, attempt } = line;
    if (event.type !== 'message' && event.type !== 'edited' && event.type !== 'deleted') return;
    let shown = devices.get(device);
    if (shown?.attempt !== attempt) {
      shown = { attempt, newest: new Map() };
      devices.set(device, shown);
    }
    const wrong =
      event.type === 'deleted'
        ? void shown.newest.set(event.messageId, 'gone')
        : wrongWith(book, { ...line, event }, { at, shown });
    if (wrong !== undefined)
      note('content', `${line.channelId} ${line.seq} to ${device}/${attempt}: ${wrong}`, line.t);
  });
}

type WithText = Delivered & {
  readonly event: {
    readonly type: 'message' | 'edited';
    readonly messageId: string;
    readonly text: string | null;
  };
};

function wrongWith(
  book: Book,
  line: WithText,
  { at, shown }: { readonly at: number; readonly shown: Shown },
): string | undefined {
  const { texts } = book;
  const { messageId, text } = line.event;
  if (text === null) return wronglyGone(book, line, at);
  const said = readText(texts, { messageId, text, line: at });
  if (typeof said !== 'object') return said;
  if (!texts.isChanged(messageId)) return undefined;
  const before = shown.newest.get(messageId);
  if (before === 'gone') return `${messageId} says “${text}” again, and was gone`;
  if (before !== undefined && isSurelyOlder(said, before))
    return `“${text}” is older than what was shown before`;
  shown.newest.set(messageId, said);
  const edit = line.event.type === 'edited' ? editAt(book, line) : undefined;
  return edit !== undefined && isSurelyOlder(said, edit) ? `“${text}” is older than this edit` : undefined;
}

/** The edit that stands at this place, if that is certain. */
const editAt = ({ texts }: Book, { seq, event }: WithText): Said | undefined =>
  texts.editsOf(event.messageId).find(({ asked }) => isTight(asked) && asked.seq === seq);

/**
 * No text means that it was deleted; or that this person does not see the message, which they do for certain as long as they stay to the
 * end: what was said before they came they never saw.
 */
function wronglyGone({ texts, channels }: Book, { event, channelId, userId }: WithText, at: number) {
  if (mayBeGone(texts, event.messageId, at)) return undefined;
  const channel = channels.get(channelId);
  const message = channel?.byId.get(event.messageId);
  const stay = openStay(staysIn(channel, userId));
  const isSeen = message !== undefined && stay !== undefined && message.seq >= stay.joined;
  return isSeen ? `${event.messageId} is gone; nobody deleted it` : undefined;
}

function checkPage(
  { texts }: Book,
  { messages, device, channelId, invokedAt, t }: Page,
  { note, at }: { readonly note: Note; readonly at: number },
): void {
  for (const { messageId, text, seq } of messages) {
    const where = `${channelId} ${seq} in a page for ${device}`;
    if (text === null) {
      if (!mayBeGone(texts, messageId, at)) note('content', `${where}: it is gone; nobody deleted it`, t);
      continue;
    }
    const said = readText(texts, { messageId, text, line: at });
    if (typeof said === 'string') note('content', `${where}: ${said}`, t);
    if (typeof said !== 'object' || !texts.isChanged(messageId)) continue;
    const isLong = ({ doneT }: { readonly doneT: number }) => doneT < invokedAt - stalenessMs;
    const isGone = texts.deletionsOf(messageId).some((one) => isDone(one) && isLong(one));
    const isStale = texts.editsOf(messageId).some((edit) => isLong(edit.asked) && isSurelyOlder(said, edit));
    if (isGone || isStale) note('content', `${where}: “${text}” has long been changed`, t);
  }
}
