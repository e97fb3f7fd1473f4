import { describe, expect, it } from 'vitest';
import { canJoin, canOpenDirect, checkNonce } from './channel.policy.ts';

const x = (count: number, character = 'x') => character.repeat(count);

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
});

describe('a channel of two', () => {
  it.for([
    [{}, 'yes'],
    [{ isBlocked: true }, 'NOT_ACCEPTING'],
    [{ exists: false }, 'NOT_FOUND'],
    [{ isSelf: true }, 'MALFORMED'],
  ] as const)('with who is %j: %s', ([peer, answer]) => {
    const verdict = canOpenDirect({ exists: true, isSelf: false, isBlocked: false, ...peer });
    expect(verdict.allowed ? 'yes' : verdict.code).toBe(answer);
  });
});
