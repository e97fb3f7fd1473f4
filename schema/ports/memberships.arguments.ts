import type { UserId } from '../ids.ts';
import type { MembershipChange, Roster } from './memberships.ts';

/** How many changes `pending` answers at most. */
export const maxPending = 1_000;

/** Throws when a decision asks for what cannot be, before anything is written; the same for every driver. */
export function checkDecision(roster: Roster, changes: readonly MembershipChange[]): void {
  const members = new Set(roster.members.map(({ userId }) => userId));
  const changed = new Set<UserId>();
  for (const { kind, userId } of changes) {
    if (changed.has(userId)) throw new Error('A decision changes a membership once.');
    changed.add(userId);
    if (kind === 'REMOVED' && !members.has(userId)) throw new Error('Only a member can be removed.');
    if (kind === 'ADDED' && (members.has(userId) || !roster.candidates.has(userId)))
      throw new Error('Only a candidate who exists and is no member can be added.');
  }
}
