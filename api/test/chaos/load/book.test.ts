import { describe, expect, it } from 'vitest';
import type { Line } from '../history.ts';
import { createBook } from './book.ts';

const asker = { name: 'person.1/1', userId: 'u' };
const send = { type: 'send', channelId: 'c', nonce: 'n', text: 't' } as const;

function opened() {
  const lines: Line[] = [];
  const book = createBook({ write: (line) => void lines.push(line), now: () => lines.length });
  return { lines, book, op: book.open(asker, send) };
}

describe('the book of what was asked', () => {
  it('has one number for all attempts, and knows who waits until one is answered', () => {
    const { lines, book, op } = opened();
    op.invoke();
    op.unknown('no answer');
    op.invoke();
    expect(book.waiting()).toEqual(['person.1/1: send (1.2): no answer yet']);
    op.ok({ message: { id: 'm', seq: 4, number: 2 } });
    expect(lines.map(({ kind }) => kind)).toEqual(['invoke', 'unknown', 'invoke', 'ok']);
    expect(lines.every((line) => 'op' in line && line.op === 1)).toBe(true);
    expect(book.waiting()).toEqual([]);
    expect(book.newestIn('c')).toBe(4);
  });

  it('says that something was not done when that is certain, and never after an attempt without an answer', () => {
    const certain = opened();
    certain.op.invoke();
    certain.op.refuse('NOT_A_MEMBER');
    expect(certain.lines.at(-1)).toMatchObject({ kind: 'fail', code: 'NOT_A_MEMBER' });
    const unsure = opened();
    unsure.op.invoke();
    unsure.op.unknown('lost');
    unsure.op.invoke();
    unsure.op.refuse('NOT_A_MEMBER');
    expect(unsure.lines.at(-1)).toMatchObject({ kind: 'unknown' });
    expect(unsure.book.waiting()).toEqual([]);
  });
});
