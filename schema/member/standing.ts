import type { UserId } from '../ids.ts';
import type { Roster } from '../ports/memberships.ts';
import type { Standing } from './member.policy.ts';

/** How this user stands in a channel whose rows are locked. */
export const standingOf = ({ channel, members }: Roster, userId: UserId): Standing => ({
  kind: channel.kind,
  hasEnded: channel.hasEnded,
  role: members.find((member) => member.userId === userId)?.role,
});
