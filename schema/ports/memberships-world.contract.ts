import { expect } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import type { Role } from '../stream/event.ts';
import type { MembershipChange, Memberships } from './memberships.ts';
import { upTo } from './random.contract.ts';

/** A store of its own for one suite, with people and channels to connect. */
export type MembershipsWorld = {
  readonly memberships: Memberships;
  newUser(): Promise<UserId>;
  /** A group without members. */
  newChannel(): Promise<ChannelId>;
  close(): Promise<void>;
};
export type GetWorld = () => MembershipsWorld;

/** Some time in 2024. */
export const start = 1_717_171_717_171;

export const newUsers = (world: MembershipsWorld, count: number) =>
  Promise.all(upTo(count).map(() => world.newUser()));

/** One person of a list; fails the test when there is none. */
export function pick<T>(list: readonly T[], index: number): T {
  const picked = list[index];
  if (picked === undefined) throw new Error(`There is no entry ${index}.`);
  return picked;
}

export const added = (userId: UserId, role: Role = 'MEMBER'): MembershipChange => ({
  kind: 'ADDED',
  userId,
  role,
});
export const removed = (userId: UserId, state: 'LEFT' | 'REMOVED' = 'REMOVED'): MembershipChange => ({
  kind: 'REMOVED',
  userId,
  state,
});

/** Makes these changes whatever the roster; those who are added are candidates. */
export async function changeAll(
  { memberships }: Pick<MembershipsWorld, 'memberships'>,
  channelId: ChannelId,
  changes: readonly MembershipChange[],
) {
  const [first] = changes;
  if (!first) throw new Error('There is nothing to change.');
  const candidates = changes.filter(({ kind }) => kind === 'ADDED').map(({ userId }) => userId);
  const who = { by: first.userId, candidates, now: start };
  const changed = await memberships.change(channelId, who, () => ({ changes, result: null }));
  if (!changed) throw new Error('There is no such channel.');
  return changed;
}

/** The membership of one person in one channel. */
export async function membershipOf({ memberships }: MembershipsWorld, userId: UserId, channelId: ChannelId) {
  const found = await memberships.of(userId, [channelId]);
  expect(found).toHaveLength(1);
  return pick(found, 0);
}
