import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../sync/outbox.ts';
import { isShifted, itemsOf } from './list-items.ts';
import type { Message } from './message.ts';

const noon = new Date(2026, 4, 3, 12).getTime();
const minute = 60_000;
const day = 24 * 60 * minute;

function said(number: number, authorId: string, at: number): Message {
  const author = {
    __typename: 'User',
    id: authorId,
    handle: authorId,
    displayName: authorId,
    colour: '#000000',
  } as const;
  return {
    __typename: 'Message',
    id: `m${number}`,
    number,
    revision: 1,
    text: 'x',
    createdAt: new Date(at).toISOString(),
    editedAt: null,
    deletedAt: null,
    nonce: `n${number}`,
    author,
    replyToNumber: null,
    replyTo: null,
  };
}
const waiting = (nonce: string): OutgoingMessage => ({
  nonce,
  channelId: 'c',
  text: 'x',
  queuedAt: noon,
  state: 'waiting',
});
type Shown = Parameters<typeof itemsOf>[0];
const show = (messages: readonly Message[], more: Partial<Shown> = {}) =>
  itemsOf({
    rows: messages.map((message) => ({ message, cursor: null })),
    hasOlder: false,
    hasNewer: false,
    outgoing: [],
    viewerId: 'me',
    unreadFrom: undefined,
    ...more,
  });
const marks = (items: ReturnType<typeof itemsOf>) =>
  items.map(({ isFirstOfDay, isFirstUnread, isFirstOfGroup }) =>
    [isFirstOfDay && 'day', isFirstUnread && 'unread', isFirstOfGroup && 'group'].filter(Boolean).join(' '),
  );

describe('the items of the list', () => {
  it('begin a day and a group where there is nothing above', () => {
    expect(marks(show([said(1, 'a', noon)]))).toEqual(['day group']);
  });

  it('make a group of what one says within five minutes', () => {
    const messages = [
      said(1, 'a', noon),
      said(2, 'a', noon + minute),
      said(3, 'a', noon + 7 * minute),
      said(4, 'b', noon + 7 * minute),
      said(5, 'b', noon + day),
    ];
    expect(marks(show(messages))).toEqual(['day group', '', 'group', 'group', 'day group']);
  });

  it('have one line before the first unread message of somebody else', () => {
    const messages = [said(1, 'a', noon), said(2, 'me', noon), said(3, 'a', noon), said(4, 'a', noon)];
    expect(marks(show(messages, { unreadFrom: 2 }))).toEqual(['day group', 'group', 'unread group', '']);
  });

  it('leave out the first of the window until it is known what stands above it', () => {
    const messages = [said(5, 'a', noon), said(6, 'a', noon), said(7, 'b', noon)];
    const items = show(messages, { hasOlder: true });
    expect(items.map(({ key }) => key)).toEqual(['m6', 'm7']);
    expect(marks(items)).toEqual(['', 'group']);
  });

  it('end with what is still to be sent, each until its message is there', () => {
    const messages = [said(1, 'me', noon)];
    const outgoing = [waiting('n1'), waiting('n2')];
    expect(show(messages, { outgoing }).map(({ key }) => key)).toEqual(['m1', 'n2']);
    expect(show(messages, { outgoing, hasNewer: true }).map(({ key }) => key)).toEqual(['m1']);
  });
});

describe('a list that changes', () => {
  const all = [1, 2, 3, 4, 5].map((number) => said(number, 'a', noon));
  it.each([
    ['grows at its start', [2, 5], [0, 5], true],
    ['shrinks at its start', [0, 5], [2, 5], true],
    ['grows at its end', [0, 3], [0, 5], false],
    ['shrinks at its end', [0, 5], [0, 3], false],
    ['stays', [0, 5], [0, 5], false],
    ['moves', [0, 3], [2, 5], false],
    ['is filled', [0, 0], [0, 5], false],
  ] as const)('%s: from %j to %j', (_, before, now, isIt) => {
    expect(isShifted(show(all.slice(...before)), show(all.slice(...now)))).toBe(isIt);
  });
});
