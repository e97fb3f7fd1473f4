import { describe, expect, it } from 'vitest';
import { roomLeft } from './text-size.ts';

const limits = { charactersPerMessage: 4_000, bytesPerMessage: 16_384 };

describe('the room that is left for a text', () => {
  it.each([
    ['', undefined],
    ['x'.repeat(3_800), undefined],
    ['x'.repeat(3_801), 199],
    ['x'.repeat(4_000), 0],
    ['x'.repeat(4_001), -1],
    ['😀'.repeat(3_990), 10],
    ['😀'.repeat(4_001), -1],
  ])('is counted in characters as people see them on a keyboard', (text, room) => {
    expect(roomLeft(text, limits)).toBe(room);
  });

  it('ends with the bytes where they end first', () => {
    expect(roomLeft('漢'.repeat(100), { charactersPerMessage: 4_000, bytesPerMessage: 300 })).toBe(0);
    expect(roomLeft('漢'.repeat(101), { charactersPerMessage: 4_000, bytesPerMessage: 300 })).toBe(-1);
  });
});
