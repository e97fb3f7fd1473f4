import { describe, expect, it } from 'vitest';
import type { Standing } from '../channel/channel.policy.ts';
import type { Role } from '../stream/event.ts';
import { canAddMembers, canLeave, canRemoveMember, canSetMemberRole, canSetRoles } from './member.policy.ts';

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
    [direct('MEMBER'), 'NOT_A_GROUP'],
    [direct(nobody), 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canAddMembers(standing, 5, 100))).toBe(answer);
  });

  it.for([
    [100, group('MEMBER'), 'yes'],
    [101, group('OWNER'), 'CHANNEL_FULL'],
    [101, group(nobody), 'NOT_FOUND'],
    [101, group('OWNER', true), 'CHANNEL_ENDED'],
    [3, direct('MEMBER'), 'NOT_A_GROUP'],
  ] as const)('so that there are %i of 100, %j: %s', ([memberCount, standing, answer]) => {
    expect(codeOf(canAddMembers(standing, memberCount, 100))).toBe(answer);
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
    ['MEMBER', 'MEMBER', 'NOT_A_GROUP'],
    ['MEMBER', nobody, 'NOT_A_GROUP'],
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
    ['MEMBER', 'NOT_A_GROUP'],
    [nobody, 'NOT_FOUND'],
  ] as const)('%s leaves a direct channel: %s', ([role, answer]) => {
    expect(codeOf(canLeave(direct(role), { ownerCount: 0, memberCount: 2 }))).toBe(answer);
  });
});

describe('giving roles', () => {
  it.for([
    [group('OWNER'), 'yes'],
    [group('ADMIN'), 'ROLE_TOO_LOW'],
    [group('MEMBER'), 'ROLE_TOO_LOW'],
    [group(nobody), 'NOT_FOUND'],
    [group('OWNER', true), 'CHANNEL_ENDED'],
    [direct('MEMBER'), 'NOT_A_GROUP'],
    [direct(nobody), 'NOT_FOUND'],
  ] as const)('%j: %s', ([standing, answer]) => {
    expect(codeOf(canSetRoles(standing))).toBe(answer);
    // Not even the role that somebody has already, and whoever that is.
    if (answer !== 'yes')
      for (const from of ['OWNER', 'MEMBER', nobody] as const)
        expect(codeOf(canSetMemberRole(standing, { from, to: 'MEMBER', ownerCount: 2 }))).toBe(answer);
  });

  it.for([
    [nobody, 'MEMBER', 1, 'NOT_A_MEMBER'],
    ['MEMBER', 'ADMIN', 1, 'yes'],
    ['MEMBER', 'OWNER', 1, 'yes'],
    ['ADMIN', 'MEMBER', 1, 'yes'],
    ['ADMIN', 'OWNER', 1, 'yes'],
    ['OWNER', 'OWNER', 1, 'yes'],
    ['OWNER', 'ADMIN', 1, 'LAST_OWNER'],
    ['OWNER', 'MEMBER', 1, 'LAST_OWNER'],
    ['OWNER', 'ADMIN', 2, 'yes'],
    ['OWNER', 'MEMBER', 2, 'yes'],
  ] as const)('an owner makes %s %s where there are %i owners: %s', ([from, to, ownerCount, answer]) => {
    expect(codeOf(canSetMemberRole(group('OWNER'), { from, to, ownerCount }))).toBe(answer);
  });
});
