import type { UserId } from '../ids.ts';
import type { ChannelUpdate } from '../stream/event.ts';
import type { MembershipChange, MembershipDecision, Roster } from './memberships.ts';

/** How many changes `pending` answers at most. */
export const maxPending = 1_000;

/** Throws when a decision asks for what cannot be, before anything is written; the same for every driver. */
export function checkDecision(roster: Roster, changes: readonly MembershipChange[]): void {
  const members = new Set(roster.members.map(({ userId }) => userId));
  const changed = new Set<UserId>();
  for (const { kind, userId } of changes) {
    if (changed.has(userId)) throw new Error('A decision changes a membership once.');
    changed.add(userId);
    if (kind !== 'ADDED' && !members.has(userId))
      throw new Error('Only a member can be removed, or given a role.');
    if (kind === 'ADDED' && (members.has(userId) || !roster.candidates.has(userId)))
      throw new Error('Only a candidate who exists and is no member can be added.');
  }
}

/** What a decision changes of the channel itself; undefined when it is nothing. */
export function updateIn({ update }: MembershipDecision<unknown>): ChannelUpdate | undefined {
  return update !== undefined && Object.keys(update).length > 0 ? update : undefined;
}

/** How many members a channel has after these changes. */
export const countAfter = ({ members }: Roster, changes: readonly MembershipChange[]): number =>
  changes.reduce(
    (count, { kind }) => count + (kind === 'ADDED' ? 1 : kind === 'REMOVED' ? -1 : 0),
    members.length,
  );

/** How many of its members are owners after these changes. */
export function ownersAfter({ members }: Roster, changes: readonly MembershipChange[]): number {
  const roles = new Map(members.map(({ userId, role }) => [userId, role]));
  for (const change of changes) {
    if (change.kind === 'REMOVED') roles.delete(change.userId);
    else roles.set(change.userId, change.role);
  }
  return [...roles.values()].filter((role) => role === 'OWNER').length;
}
