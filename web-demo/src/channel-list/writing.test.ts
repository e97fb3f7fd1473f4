import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wordsOfWriters } from './use-typing.ts';
import { createWriting } from './writing.ts';

const bob = { id: 'bob', displayName: 'Bob' };
const eve = { id: 'eve', displayName: 'Eve' };

describe('who writes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const idsOf = (writing: ReturnType<typeof createWriting>, channelId: string) =>
    writing.get(channelId).map(({ id }) => id);

  it('writes for six seconds, unless they say it again', () => {
    const writing = createWriting();
    writing.begin('c', bob);
    vi.advanceTimersByTime(3_000);
    writing.begin('c', eve);
    vi.advanceTimersByTime(3_000);
    expect(idsOf(writing, 'c')).toEqual(['eve']);
    vi.advanceTimersByTime(3_000);
    expect(idsOf(writing, 'c')).toEqual([]);
  });

  it('writes no more in the channel where they stop, and leaves no timer behind', () => {
    const writing = createWriting();
    writing.begin('c', bob);
    writing.begin('d', bob);
    writing.end('c', 'bob');
    expect([idsOf(writing, 'c'), idsOf(writing, 'd')]).toEqual([[], ['bob']]);
    vi.advanceTimersByTime(7_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is the same list as long as nothing changes in it', () => {
    const writing = createWriting();
    expect(writing.get('c')).toBe(writing.get('d'));
    writing.begin('c', bob);
    const before = writing.get('c');
    writing.begin('d', eve);
    vi.advanceTimersByTime(2_000);
    expect(writing.get('c')).toBe(before);
  });

  it.each([
    [[], undefined],
    [[bob], 'Bob is typing'],
    [[bob, eve], 'Bob and Eve are typing'],
    [[bob, eve, { id: 'zoe', displayName: 'Zoë' }], '3 people are typing'],
  ])('%j is told as %j', (writers, words) => {
    expect(wordsOfWriters(writers)).toBe(words);
  });
});
