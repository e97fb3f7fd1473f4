import { describe, expect, it } from 'vitest';
import { canHold, canJoin, checkGroup, checkNonce } from './channel.policy.ts';

const x = (count: number, character = 'x') => character.repeat(count);
const group = { name: 'Crew', topic: null, memberIds: [], nonce: 'n' };

describe('a new group', () => {
  it.for([
    [{}, undefined],
    [{ name: x(100, '👍'), topic: x(500, '👍') }, undefined],
    [{ name: `  ${x(100)}  ` }, undefined],
    [{ name: '' }, 'EMPTY', 'name'],
    [{ name: ' ' }, 'EMPTY', 'name'],
    [{ name: x(101) }, 'TOO_LONG', 'name'],
    [{ name: 'two\nlines' }, 'MALFORMED', 'name'],
    [{ name: 'a\u0000' }, 'MALFORMED', 'name'],
    [{ name: 'a\ud83d' }, 'MALFORMED', 'name'],
    [{ topic: undefined }, undefined],
    [{ topic: '' }, undefined],
    [{ topic: ' ' }, undefined],
    [{ topic: 'two\nlines' }, undefined],
    [{ topic: x(501) }, 'TOO_LONG', 'topic'],
    [{ topic: 'a\u0000' }, 'MALFORMED', 'topic'],
    [{ nonce: '' }, 'EMPTY', 'nonce'],
  ] as const)('%j: %s', ([input, code, field]) => {
    const invalid = checkGroup({ ...group, ...input });
    expect(invalid?.code).toBe(code);
    expect(invalid?.field).toEqual(field && [field]);
  });
});

describe('a nonce', () => {
  it.for([
    ['n', undefined],
    [' n ', undefined],
    ['0f8fad5b-d9cb-469f-a165-70867728950e', undefined],
    [x(64, '👍'), undefined],
    ['', 'EMPTY'],
    ['  ', 'EMPTY'],
    [x(65), 'TOO_LONG'],
    // White space is part of it: it must not make one that no index can hold.
    [`${x(64, ' ')}n`, 'TOO_LONG'],
    [x(100_000, ' '), 'TOO_LONG'],
    ['a\nb', 'MALFORMED'],
    ['a\u0000', 'MALFORMED'],
    ['a\udc4d', 'MALFORMED'],
  ] as const)('%#: %s', ([nonce, code]) => {
    expect(checkNonce(nonce)?.code).toBe(code);
    if (code) expect(checkNonce(nonce)?.field).toEqual(['nonce']);
  });
});

describe('limits', () => {
  it.for([
    [0, true],
    [999, true],
    [1_000, false],
    [1_001, false],
  ] as const)('who is in %i of 1,000 channels may join one more: %j', ([count, allowed]) => {
    const verdict = allowed ? { allowed } : { allowed, code: 'TOO_MANY_CHANNELS' };
    expect(canJoin(count, 1_000)).toEqual(verdict);
  });

  it.for([
    [1, true],
    [100, true],
    [101, false],
  ] as const)('%i people fit into a group for 100: %j', ([count, allowed]) => {
    expect(canHold(count, 100)).toEqual(allowed ? { allowed } : { allowed, code: 'CHANNEL_FULL' });
  });
});
