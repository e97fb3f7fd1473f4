import { describe, expect, it } from 'vitest';
import type { Held } from './events.ts';
import { createFold } from './fold.ts';

const held = (seq: number, text: string | null, revision = seq): Held => ({
  message: { messageId: `m${seq}`, seq, number: seq, authorId: 'a', text },
  revision,
});
const textsIn = (fold: ReturnType<typeof createFold>) => fold.messagesIn('c').map(({ text }) => text);

describe('what a device holds', () => {
  it('is in order, whatever comes first: the stream, or a page of what was before', () => {
    const fold = createFold();
    for (const seq of [5, 6, 3, 4, 5, 7]) fold.put('c', held(seq, `${seq}`));
    expect(textsIn(fold)).toEqual(['3', '4', '5', '6', '7']);
    expect(fold.newestNumber('c')).toBe(7);
  });

  it('keeps the newer of two states of a message, whichever comes later', () => {
    const fold = createFold();
    fold.put('c', held(1, 'first'));
    fold.change('c', held(1, 'third', 9));
    fold.change('c', held(1, 'second', 5));
    fold.put('c', held(1, 'first'));
    expect(textsIn(fold)).toEqual(['third']);
  });

  it('has nothing of a message that it does not know when that changes, nor of a channel that was forgotten', () => {
    const fold = createFold();
    fold.put('c', held(2, 'two'));
    fold.change('c', held(1, null, 3));
    expect(textsIn(fold)).toEqual(['two']);
    fold.forget('c');
    expect(textsIn(fold)).toEqual([]);
  });
});
