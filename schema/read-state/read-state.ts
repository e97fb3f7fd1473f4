import { viewerMembershipIn } from '../channel/channel.ts';
import { countersNow, unreadIn } from '../channel/progress.ts';
import { presentMemberships } from '../channel/viewer-channels.ts';
import type { Member } from '../member/member.ts';
import type { Scope, Viewer } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { Counters } from '../stream/positions/counters.ts';
import { stateAt } from '../viewer-state/viewer-state.policy.ts';

/**
 * How far a member is, as the viewer may know it: null where they do not share it, and while the log does not have their joining.
 * While one execution serves several viewers, none of them is a member that it is about (`asSeenBy`), so nobody's own is hidden.
 */
export function positionOf(scope: Scope, { userId, channelId, position }: Member): Soon<Counters | null> {
  const isOwn = scope.sharedView === undefined && scope.viewer?.id === userId;
  if (!isOwn && !position.isShared) return null;
  return whenThere(countersNow(scope, userId, { channelId, ...position }), (counters) =>
    counters.isPresent ? counters : null,
  );
}

/** All unread messages of the viewer, but for channels that are muted or archived now. */
export async function unreadOfViewer(scope: Scope, viewer: Viewer): Promise<number> {
  const now = scope.clock.now();
  const heard = (await presentMemberships(scope, viewer)).filter(
    ({ own }) => !own.isArchived && !stateAt(own, now).isMuted,
  );
  const counts = await Promise.all(heard.map(({ channelId }) => unreadIn(scope, channelId)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Has the viewer marked the channel as unread? */
export const isMarkedUnread = (scope: Scope, { channelId }: Member): Soon<boolean> =>
  whenThere(viewerMembershipIn(scope, channelId), (membership) => membership?.own.isMarkedUnread ?? false);
