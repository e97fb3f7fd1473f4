import { describe, expect, it } from 'vitest';
import { type Message, patchMessage } from './message.ts';
import { sentState, ticksOf } from './ticks.ts';
import { createTypingNotice } from './typing-notice.ts';

const message = (id: string, revision: number, text: string | null): Message => ({
  __typename: 'Message',
  id,
  number: 1,
  revision,
  text,
  createdAt: '2026-05-03T12:00:00Z',
  editedAt: null,
  deletedAt: text === null ? '2026-05-03T13:00:00Z' : null,
  nonce: null,
  author: null,
  replyToNumber: null,
  replyTo: null,
});

describe('a message that changes', () => {
  it('is replaced by a newer copy, never by an older one', () => {
    const held = message('a', 2, 'two');
    expect(patchMessage(held, message('a', 3, 'three')).text).toBe('three');
    expect(patchMessage(held, message('a', 1, 'one'))).toBe(held);
    expect(patchMessage(held, message('b', 9, 'other'))).toBe(held);
  });

  it('changes where it is quoted, too', () => {
    const { id, number, revision, text, deletedAt, author } = message('a', 2, 'two');
    const answer = {
      ...message('b', 5, 'yes'),
      replyTo: { __typename: 'Message', id, number, revision, text, deletedAt, author } as const,
    };
    expect(patchMessage(answer, message('a', 3, null)).replyTo).toMatchObject({ text: null, revision: 3 });
    expect(patchMessage(answer, message('a', 1, 'one'))).toBe(answer);
  });
});

describe('the marks of a message', () => {
  const place = (readNumber: number | null, deliveredNumber: number | null) => ({
    readNumber,
    deliveredNumber,
  });
  it.each([
    ['somebody has nothing yet', [place(0, 4), place(5, 5)], 'sent'],
    ['all have received it', [place(0, 5), place(5, 5)], 'delivered'],
    ['all have read it', [place(5, 5), place(7, 7)], 'read'],
    ['one does not share it, and the others have read it', [place(null, null), place(5, 5)], 'read'],
    ['nobody shares it', [place(null, null)], 'sent'],
    ['nobody else is there', [], 'sent'],
  ] as const)('when %s', (_, others, state) => {
    expect(sentState(5, ticksOf(others))).toBe(state);
  });
});

describe('who writes', () => {
  it('says so at the first key, every three seconds, and when they stop without sending', () => {
    const said: boolean[] = [];
    let now = 0;
    const notice = createTypingNotice(
      (isTyping) => said.push(isTyping),
      () => now,
    );
    notice.onStop();
    notice.onKey();
    now = 2_999;
    notice.onKey();
    expect(said).toEqual([true]);
    now = 3_000;
    notice.onKey();
    notice.onStop();
    notice.onKey();
    notice.onSent();
    notice.onStop();
    expect(said).toEqual([true, true, false, true]);
  });
});
