import { describe, expect, it } from 'vitest';
import type { Role } from '../stream/event.ts';
import { canAddMembers, canLeave, canRemoveMember, type Standing } from './member.policy.ts';

const group = (role: Role | undefined, hasEnded = false): Standing => ({ kind: 'GROUP', hasEnded, role });
const direct = (role: Role | undefined): Standing => ({ kind: 'DIRECT', hasEnded: false, role });
const nobody = undefined;
const codeOf = (verdict: ReturnType<typeof canLeave>) => (verdict.allowed ? 'yes' : verdict.code);

describe('adding people', () => {
  it.for([
    [group('OWNER'), 'yes'],
    [group('ADMIN'), 'yes'],
    [group('MEMBER'), 'yes'],
    [group(nobody), 'NOT_FOUND'],
    [group('OWNER', true), 'CHANNEL_ENDED'],
    [group(nobody, true), 'NOT_FOUND'],
    [direct('MEMBER'), 'CHANNEL_FULL'],
    [direct(nobody), 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canAddMembers(standing))).toBe(answer);
  });
});

describe('removing somebody', () => {
  it.for([
    ['OWNER', 'OWNER', 'ROLE_TOO_LOW'],
    ['OWNER', 'ADMIN', 'yes'],
    ['OWNER', 'MEMBER', 'yes'],
    ['OWNER', nobody, 'NOT_A_MEMBER'],
    ['ADMIN', 'OWNER', 'ROLE_TOO_LOW'],
    ['ADMIN', 'ADMIN', 'ROLE_TOO_LOW'],
    ['ADMIN', 'MEMBER', 'yes'],
    ['ADMIN', nobody, 'NOT_A_MEMBER'],
    ['MEMBER', 'OWNER', 'ROLE_TOO_LOW'],
    ['MEMBER', 'ADMIN', 'ROLE_TOO_LOW'],
    ['MEMBER', 'MEMBER', 'ROLE_TOO_LOW'],
    ['MEMBER', nobody, 'NOT_A_MEMBER'],
    // Whoever is not in it does not learn who is, or that there is such a group.
    [nobody, 'OWNER', 'NOT_FOUND'],
    [nobody, 'MEMBER', 'NOT_FOUND'],
    [nobody, nobody, 'NOT_FOUND'],
  ] as const)('%s removes %s of a group: %s', ([role, target, answer]) => {
    expect(codeOf(canRemoveMember(group(role), { role: target, isSelf: false }))).toBe(answer);
  });

  it.for([
    ['OWNER', 'ROLE_TOO_LOW'],
    ['ADMIN', 'ROLE_TOO_LOW'],
    ['MEMBER', 'ROLE_TOO_LOW'],
    [nobody, 'NOT_FOUND'],
  ] as const)('%s removes themselves: %s', ([role, answer]) => {
    expect(codeOf(canRemoveMember(group(role), { role, isSelf: true }))).toBe(answer);
  });

  it.for([
    ['MEMBER', 'MEMBER', 'ROLE_TOO_LOW'],
    ['MEMBER', nobody, 'NOT_A_MEMBER'],
    [nobody, 'MEMBER', 'NOT_FOUND'],
  ] as const)('%s removes %s of a direct channel: %s', ([role, target, answer]) => {
    expect(codeOf(canRemoveMember(direct(role), { role: target, isSelf: false }))).toBe(answer);
  });
});

describe('leaving', () => {
  it.for([
    ['OWNER', 1, 1, 'yes'], // alone: the group ends
    ['OWNER', 1, 2, 'LAST_OWNER'],
    ['OWNER', 1, 100, 'LAST_OWNER'],
    ['OWNER', 2, 2, 'yes'],
    ['OWNER', 2, 100, 'yes'],
    ['ADMIN', 1, 2, 'yes'],
    ['ADMIN', 0, 1, 'yes'],
    ['MEMBER', 1, 2, 'yes'],
    ['MEMBER', 0, 1, 'yes'],
    [nobody, 1, 2, 'NOT_FOUND'],
    [nobody, 0, 0, 'NOT_FOUND'],
  ] as const)('%s leaves a group with %i owners among %i: %s', ([role, ownerCount, memberCount, answer]) => {
    expect(codeOf(canLeave(group(role), { ownerCount, memberCount }))).toBe(answer);
  });

  it.for([
    ['MEMBER', 'ROLE_TOO_LOW'],
    [nobody, 'NOT_FOUND'],
  ] as const)('%s leaves a direct channel: %s', ([role, answer]) => {
    expect(codeOf(canLeave(direct(role), { ownerCount: 0, memberCount: 2 }))).toBe(answer);
  });
});
