import type { OutgoingMessage } from '../sync/outbox.ts';
import type { Message } from './message.ts';
import type { Row } from './timeline-window.ts';

/** What stands above a bubble, and how. */
export type Placing = {
  /** It begins a day: a line says which. */
  readonly isFirstOfDay: boolean;
  readonly isFirstUnread: boolean;
  /** It begins a group of bubbles of one author. */
  readonly isFirstOfGroup: boolean;
};
export type ListItem =
  | ({ readonly kind: 'message'; readonly key: string; readonly message: Message } & Placing)
  | ({
      readonly kind: 'outgoing';
      readonly key: string;
      readonly outgoing: OutgoingMessage;
      /** What it answers, if that is in the window. */
      readonly answered: Message | undefined;
    } & Placing);

type Shown = {
  readonly rows: readonly Row<Message>[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly outgoing: readonly OutgoingMessage[];
  readonly viewerId: string;
  /** From this number on, what others said was unread when the channel was opened; undefined when nothing was. */
  readonly unreadFrom: number | undefined;
};

/** Longer apart, they are two groups. */
const groupMs = 5 * 60_000;

type Said = { readonly authorId: string | undefined; readonly at: number; readonly day: string };
const dayOf = (ms: number) => new Date(ms).toDateString();

function placingOf(said: Said, before: Said | undefined, isFirstUnread: boolean): Placing {
  const isFirstOfDay = before !== undefined && before.day !== said.day;
  const isFar = before === undefined || said.at - before.at > groupMs || before.authorId !== said.authorId;
  return { isFirstOfDay, isFirstUnread, isFirstOfGroup: isFar || isFirstOfDay || isFirstUnread };
}

/**
 * One item for each message, and for each that is still to be sent. The lines between days belong to the message below, so that
 * the list grows and shrinks by messages only. The first message of the window is shown only where there is nothing above it: nobody
 * knows yet whether a day or a group begins there, and nothing that is on the screen is to change its height.
 */
export function itemsOf({ rows, outgoing, ...shown }: Shown): ListItem[] {
  let before: Said | undefined;
  let isUnreadSeen = shown.unreadFrom === undefined;
  const items: ListItem[] = rows.map(({ message }, at) => {
    const ms = Date.parse(message.createdAt);
    const said = { authorId: message.author?.id, at: ms, day: dayOf(ms) };
    const isUnread = message.number >= (shown.unreadFrom ?? 0) && said.authorId !== shown.viewerId;
    const isFirstUnread = !isUnreadSeen && isUnread;
    isUnreadSeen ||= isUnread;
    const placing = placingOf(said, before, isFirstUnread);
    before = said;
    const isFirstOfDay = placing.isFirstOfDay || (at === 0 && !shown.hasOlder);
    return { kind: 'message', key: message.id, message, ...placing, isFirstOfDay };
  });
  if (shown.hasOlder) items.shift();
  // While newer messages are not here, what is still to be sent would stand in the wrong place.
  if (shown.hasNewer) return items;
  const known = new Set(rows.map(({ message }) => message.nonce));
  for (const one of outgoing) {
    if (known.has(one.nonce)) continue;
    const said = { authorId: shown.viewerId, at: one.queuedAt, day: dayOf(one.queuedAt) };
    const placing = { ...placingOf(said, before, false), isFirstOfDay: false };
    const answered = rows.find(({ message }) => message.id === one.replyToId)?.message;
    items.push({ kind: 'outgoing', key: one.nonce, outgoing: one, answered, ...placing });
    before = said;
  }
  return items;
}

/** Whether a list that had `before` and has `now` changed at its start only, where what is on the screen must not move. */
export function isShifted(before: readonly ListItem[], now: readonly ListItem[]): boolean {
  const more = now.length - before.length;
  if (more === 0 || before.length === 0 || now.length === 0) return false;
  const [held, start] = more > 0 ? [before[0], now[more]] : [before[-more], now[0]];
  return held?.key === start?.key && before.at(-1)?.key === now.at(-1)?.key;
}
