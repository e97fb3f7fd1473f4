import { describe, expect, it } from 'vitest';
import { userIdOf } from '../ids.ts';
import { defaultLimits } from '../limits.ts';
import { roles } from '../stream/event.ts';
import {
  canDelete,
  canEdit,
  canOverwrite,
  canReply,
  canSend,
  checkLength,
  checkText,
  type MessageStanding,
} from './message.policy.ts';

const x = (count: number, character = 'x') => character.repeat(count);
const codeOf = (verdict: ReturnType<typeof canSend>) => (verdict.allowed ? 'yes' : verdict.code);

describe('sending', () => {
  it.for([
    ['OWNER', true, false, 'yes'],
    ['ADMIN', true, false, 'yes'],
    ['MEMBER', true, false, 'yes'],
    ['MEMBER', true, true, 'NOT_ACCEPTING'],
    [undefined, true, false, 'NOT_A_MEMBER'],
    [undefined, true, true, 'NOT_A_MEMBER'],
    [undefined, false, false, 'NOT_FOUND'],
  ] as const)('%s, a member once %j, blocked %j: %s', ([role, wasMember, isBlocked, answer]) => {
    expect(codeOf(canSend({ role, wasMember, isBlocked }))).toBe(answer);
  });
});

const [ada, bob] = [userIdOf(1n), userIdOf(2n)];
/** A message of Bob's, and Ada, who wants to change it. */
const ofBob: MessageStanding = {
  role: 'MEMBER',
  wasMember: true,
  isBlocked: false,
  viewerId: ada,
  authorId: bob,
  isVisible: true,
  isDeleted: false,
};
const ofAda: MessageStanding = { ...ofBob, authorId: ada };
const unseen = { isVisible: false, authorId: undefined, isDeleted: false };

describe('editing', () => {
  it.for([
    [ofAda, 'yes'],
    [{ ...ofAda, role: 'OWNER' }, 'yes'],
    [{ ...ofAda, isDeleted: true }, 'ALREADY_DELETED'],
    [{ ...ofAda, isBlocked: true }, 'NOT_ACCEPTING'],
    [{ ...ofAda, isBlocked: true, isDeleted: true }, 'ALREADY_DELETED'],
    [{ ...ofBob, isBlocked: true }, 'NOT_YOURS'],
    [{ ...ofAda, role: undefined, isBlocked: true }, 'NOT_FOUND'],
    [{ ...ofAda, role: undefined }, 'NOT_FOUND'], // left
    [{ ...ofAda, role: undefined, isDeleted: true }, 'NOT_FOUND'],
    [{ ...ofAda, ...unseen }, 'NOT_FOUND'],
    ...roles.map((role) => [{ ...ofBob, role }, 'NOT_YOURS'] as const),
    [{ ...ofBob, isDeleted: true }, 'NOT_YOURS'],
    [{ ...ofBob, role: undefined }, 'NOT_FOUND'],
    [{ ...ofBob, ...unseen, role: 'OWNER' }, 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canEdit(standing))).toBe(answer);
  });
});

describe('answering', () => {
  it.for([
    [ofBob, 'yes'],
    [ofAda, 'yes'],
    [{ ...ofBob, role: 'OWNER' }, 'yes'],
    [{ ...ofBob, isDeleted: true }, 'ALREADY_DELETED'],
    [{ ...ofBob, isBlocked: true }, 'NOT_ACCEPTING'],
    [{ ...ofAda, isBlocked: true }, 'NOT_ACCEPTING'],
    [{ ...ofBob, ...unseen }, 'NOT_FOUND'],
    [{ ...ofBob, role: undefined }, 'NOT_A_MEMBER'],
    [{ ...ofBob, ...unseen, role: undefined, wasMember: false }, 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canReply(standing))).toBe(answer);
  });
});

describe('overwriting', () => {
  it.for([
    [7, 7, 'yes'],
    [7, 6, 'STALE'],
    [7, 8, 'STALE'],
    [7, 0, 'STALE'],
    [7, undefined, 'yes'],
    [7, null, 'yes'],
  ] as const)('revision %j, when it should be %j: %s', ([revision, ifRevision, answer]) => {
    expect(codeOf(canOverwrite(revision, ifRevision))).toBe(answer);
  });
});

describe('deleting', () => {
  it.for([
    [ofAda, 'yes'],
    [{ ...ofAda, isBlocked: true }, 'yes'],
    [{ ...ofBob, isBlocked: true }, 'NOT_YOURS'],
    [{ ...ofAda, isDeleted: true }, 'ALREADY_DELETED'],
    [{ ...ofAda, role: undefined }, 'NOT_FOUND'],
    [{ ...ofAda, ...unseen }, 'NOT_FOUND'],
    [{ ...ofBob, role: 'OWNER' }, 'yes'],
    [{ ...ofBob, role: 'ADMIN' }, 'yes'],
    [{ ...ofBob, role: 'MEMBER' }, 'NOT_YOURS'],
    [{ ...ofBob, role: 'ADMIN', isDeleted: true }, 'ALREADY_DELETED'],
    [{ ...ofBob, role: 'MEMBER', isDeleted: true }, 'NOT_YOURS'],
    [{ ...ofBob, role: undefined }, 'NOT_FOUND'],
    [{ ...ofBob, ...unseen, role: 'OWNER' }, 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canDelete(standing))).toBe(answer);
  });
});

describe('a text', () => {
  it.for([
    ['x', undefined],
    [' x ', undefined],
    ['two\nlines\r\n\tand a tab', undefined],
    ['مرحبا 👩‍👩‍👧 \u202eabc', undefined],
    ['', 'EMPTY'],
    [' \n\t ', 'EMPTY'],
    ['a\u0000b', 'MALFORMED'],
    ['a\u0007b', 'MALFORMED'],
    ['half \ud83d', 'MALFORMED'],
    ['\udc4d half', 'MALFORMED'],
    [x(5_000), undefined], // how long it may be depends on the server
  ] as const)('%j: %s', ([text, code]) => {
    expect(checkText(text)?.code).toBe(code);
    if (code) expect(checkText(text)?.field).toEqual(['text']);
  });

  const narrow = { charactersPerMessage: 10, bytesPerMessage: 12 };
  it.for([
    [x(4_000), defaultLimits, undefined],
    [x(4_001), defaultLimits, 'TOO_LONG'],
    [x(4_000, '👍'), defaultLimits, undefined], // 16,000 bytes, and 8,000 of JavaScript's units
    [x(4_001, '👍'), defaultLimits, 'TOO_LONG'],
    [x(10), narrow, undefined],
    [x(11), narrow, 'TOO_LONG'],
    [x(3, '👍'), narrow, undefined],
    [x(4, '👍'), narrow, 'TOO_LONG'],
  ] as const)('of %#: %s', ([text, limits, code]) => {
    expect(checkLength(text, limits)?.code).toBe(code);
    if (code) expect(checkLength(text, limits)?.field).toEqual(['text']);
  });
});
