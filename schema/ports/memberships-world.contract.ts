import { expect } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import type { Role } from '../stream/event.ts';
import type { Block } from './contacts.memory.ts';
import type { Contacts } from './contacts.ts';
import type { FeedMoved, MembershipChange, MembershipDecision, Memberships } from './memberships.ts';
import { upTo } from './random.contract.ts';

/** A store of its own for one suite, with people and channels to connect. */
export type MembershipsWorld = {
  readonly memberships: Memberships;
  readonly contacts: Contacts;
  newUser(): Promise<UserId>;
  /** A group without members and topic that is called `groupName`, where who comes sees nothing from before. */
  newChannel(): Promise<ChannelId>;
  /** The channel of two people, without members. */
  newDirect(pair: readonly [UserId, UserId]): Promise<ChannelId>;
  /** Something of the person's own changes, as a changed profile does it. */
  touchViewer(userId: UserId): Promise<FeedMoved>;
  /** What one person has towards another changes, as a request for contact does it. */
  touchContact(userId: UserId, otherId: UserId): Promise<FeedMoved>;
  /** Somebody blocks somebody else, whom they did not, or does so no more. Whose feeds moved by that, in order. */
  block(block: Block): Promise<readonly FeedMoved[]>;
  close(): Promise<void>;
};
export type GetWorld = () => MembershipsWorld;

export const groupName = 'A group';
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

export const givenRole = (userId: UserId, role: Role): MembershipChange => ({
  kind: 'ROLE_CHANGED',
  userId,
  role,
});

/** Makes these changes whatever the roster; those who are added are candidates. */
export async function changeAll(
  world: Pick<MembershipsWorld, 'memberships'>,
  channelId: ChannelId,
  changes: readonly MembershipChange[],
) {
  const [first] = changes;
  if (!first) throw new Error('There is nothing to change.');
  return decideAs(world, channelId, { by: first.userId, changes, now: start });
}

type Decided = Omit<MembershipDecision<null>, 'result'> & { readonly by: UserId; readonly now?: number };

/** The same for a whole decision, by this person; later than others when nothing else is said. */
export async function decideAs(
  { memberships }: Pick<MembershipsWorld, 'memberships'>,
  channelId: ChannelId,
  { by, now = start + 1_000, ...decision }: Decided,
) {
  const candidates = decision.changes.filter(({ kind }) => kind === 'ADDED').map(({ userId }) => userId);
  const who = { by, candidates, now };
  const changed = await memberships.change(channelId, who, () => ({ ...decision, result: null }));
  if (!changed) throw new Error('There is no such channel.');
  return changed;
}

/** The log has everything that is pending, each change at a place of ten times its version. */
export async function settleAll({ memberships }: MembershipsWorld, channelId: ChannelId) {
  const pending = await memberships.pending(channelId, Number.MAX_SAFE_INTEGER);
  const placed = pending.map(({ version }) => ({ version, seq: version * 10, number: version }));
  return memberships.settle(channelId, placed);
}

/** The membership of one person in one channel. */
export async function membershipOf({ memberships }: MembershipsWorld, userId: UserId, channelId: ChannelId) {
  const found = await memberships.of(userId, [channelId]);
  expect(found).toHaveLength(1);
  return pick(found, 0);
}
