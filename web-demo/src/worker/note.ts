/** What a message is about, as far as its reader wants that to pass through the push service of their browser. */
export type NoteContent =
  | {
      readonly preview: 'FULL';
      readonly authorName: string;
      /** Null in a channel of two people. */
      readonly channelName: string | null;
      readonly text: string;
    }
  | { readonly preview: 'SENDER'; readonly authorName: string; readonly channelName: string | null };

export type MessageNote = {
  readonly kind: 'message';
  readonly channelId: string;
  readonly messageId: string;
  /** The newest message that is due: its place in its channel, and which of the messages there it is. */
  readonly seq: number;
  readonly number: number;
  /** So many messages are due and not read. */
  readonly count: number;
  /** So many are unread in all channels. */
  readonly badge: number;
  /** Absent: to be fetched from the server. */
  readonly content?: NoteContent;
  /** Nothing new was said: it only takes the place of what is not to be shown any more. */
  readonly isQuiet?: true;
};
/** What was told of a channel up to this number is to disappear. */
export type ClearNote = {
  readonly kind: 'clear';
  readonly channelId: string;
  readonly number: number;
  readonly badge: number;
};
export type Note = MessageNote | ClearNote | { readonly kind: 'test' };

type Fields = { readonly [name: string]: unknown };
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** What a push says; undefined for what this worker does not know, which a later server may send. */
export function noteOf(text: string): Note | undefined {
  const note = fieldsOf(parsed(text));
  if (note.kind === 'test') return { kind: 'test' };
  const { channelId, badge, number } = note;
  if (!isText(channelId) || !isCount(badge)) return undefined;
  if (!isCount(number)) return undefined;
  if (note.kind === 'clear') return { kind: 'clear', channelId, number, badge };
  const { messageId, seq } = note;
  if (note.kind !== 'message' || !isText(messageId) || !isCount(seq)) return undefined;
  const content = contentOf(fieldsOf(note.content));
  const count = isCount(note.count) ? Math.max(1, note.count) : 1;
  const about = { kind: 'message', channelId, messageId, seq, number, count, badge } as const;
  return { ...about, ...(content && { content }), ...(note.isQuiet === true && { isQuiet: true }) };
}

function contentOf({ preview, authorName, channelName, text }: Fields): NoteContent | undefined {
  if (!isText(authorName)) return undefined;
  const who = { authorName, channelName: isText(channelName) ? channelName : null };
  if (preview === 'FULL' && isText(text)) return { preview, ...who, text };
  return preview === 'SENDER' ? { preview, ...who } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
