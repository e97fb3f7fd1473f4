import { describe, expect, it } from 'vitest';
import type { Standing } from '../channel/channel.policy.ts';
import { canBeAdded, canHold, canUpdateGroup, checkGroup, checkUpdate } from './group.policy.ts';

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

describe('a change of a group', () => {
  it.for([
    [{}, undefined],
    [{ name: 'Crew', topic: 'Sailing', historyVisibility: 'ALL' }, undefined],
    [{ name: x(100, '👍') }, undefined],
    [{ name: null }, 'EMPTY', 'name'],
    [{ name: ' ' }, 'EMPTY', 'name'],
    [{ name: x(101) }, 'TOO_LONG', 'name'],
    [{ name: 'two\nlines' }, 'MALFORMED', 'name'],
    [{ topic: null }, undefined],
    [{ topic: '  ' }, undefined],
    [{ topic: x(501) }, 'TOO_LONG', 'topic'],
    [{ topic: 'a\u0000' }, 'MALFORMED', 'topic'],
    [{ historyVisibility: null }, 'EMPTY', 'historyVisibility'],
    [{ name: null, topic: x(501) }, 'EMPTY', 'name'],
  ] as const)('%j: %s', ([input, code, field]) => {
    const invalid = checkUpdate(input);
    expect(invalid?.code).toBe(code);
    expect(invalid?.field).toEqual(field && [field]);
  });

  it.for([
    ['GROUP', 'OWNER', false, 'yes'],
    ['GROUP', 'ADMIN', false, 'yes'],
    ['GROUP', 'MEMBER', false, 'ROLE_TOO_LOW'],
    ['GROUP', undefined, false, 'NOT_FOUND'],
    ['GROUP', 'OWNER', true, 'CHANNEL_ENDED'],
    ['GROUP', undefined, true, 'NOT_FOUND'],
    ['DIRECT', 'MEMBER', false, 'NOT_A_GROUP'],
    ['DIRECT', undefined, false, 'NOT_FOUND'],
  ] as const)('in a %s by %s, ended %s: %s', ([kind, role, hasEnded, answer]) => {
    const standing: Standing = { kind, role, hasEnded };
    const verdict = canUpdateGroup(standing);
    expect(verdict.allowed ? 'yes' : verdict.code).toBe(answer);
  });
});

describe('the limit', () => {
  it.for([
    [1, true],
    [100, true],
    [101, false],
  ] as const)('%i people fit into a group for 100: %j', ([count, allowed]) => {
    expect(canHold(count, 100)).toEqual(allowed ? { allowed } : { allowed, code: 'CHANNEL_FULL' });
  });
});

describe('somebody who is to be added', () => {
  it.for([
    [{}, 'yes'],
    [{ exists: false }, 'NOT_FOUND'],
    [{ isMember: true }, 'ALREADY_A_MEMBER'],
    [{ isBlocked: true }, 'NOT_ACCEPTING'],
    [{ isMember: true, isBlocked: true }, 'ALREADY_A_MEMBER'],
  ] as const)('and is %j: %s', ([newcomer, answer]) => {
    const verdict = canBeAdded({ exists: true, isMember: false, isBlocked: false, ...newcomer });
    expect(verdict.allowed ? 'yes' : verdict.code).toBe(answer);
  });
});
