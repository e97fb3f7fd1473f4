import type { UserId } from '../ids.ts';
import type { Membership, Roster } from '../ports/memberships.ts';
import type { Standing } from './channel.policy.ts';
import type { Channel } from './channel.ts';

/** How this user stands in a channel whose rows are locked. */
export const standingOf = ({ channel, members }: Roster, userId: UserId): Standing => ({
  kind: channel.kind,
  hasEnded: channel.hasEnded,
  role: members.find((member) => member.userId === userId)?.role,
});

/** How somebody with this membership stands in a channel, by the same rows. */
export const standingBy = ({ kind, hasEnded }: Channel, membership: Membership | undefined): Standing => ({
  kind,
  hasEnded,
  role: membership?.state === 'ACTIVE' ? membership.role : undefined,
});

/** How many owners a group has whose rows are locked. */
export const ownerCountOf = ({ members }: Roster): number =>
  members.filter(({ role }) => role === 'OWNER').length;
