import { viewerMembershipIn } from '../channel/channel.ts';
import { type ChannelId, type MessageId, placeOf } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import type { MessageStanding, Standing } from './message.policy.ts';
import { visibleMessage } from './message.ts';

const standingOf = (membership: Membership | undefined): Standing => ({
  role: joinedSeqOf(membership) === undefined ? undefined : membership?.role,
  wasMember: membership?.intervals.some(({ joinedSeq }) => joinedSeq !== null) ?? false,
});

/**
 * How the viewer stands in a channel. Who may send is known for up to 2 s, since it is asked with every send; who may not is
 * looked up anew, so that nobody is turned away who was added a moment ago by another server.
 */
export async function standingIn({ stream, viewer }: ViewerScope, channelId: ChannelId): Promise<Standing> {
  const known = standingOf(await stream.membershipOf(viewer.id, channelId));
  if (known.role !== undefined) return known;
  const [membership] = await stream.memberships.of(viewer.id, [channelId]);
  return standingOf(membership);
}

/** How the viewer stands towards a message, as of now, and the message, if they may see it. */
export async function standingTowards(
  scope: ViewerScope,
  id: MessageId,
): Promise<{ readonly standing: MessageStanding; readonly message: StoredMessage | undefined }> {
  const place = placeOf(id);
  const [membership, message] = await Promise.all([
    place && viewerMembershipIn(scope, place.channelId),
    visibleMessage(scope, id),
  ]);
  const standing = {
    ...standingOf(membership),
    viewerId: scope.viewer.id,
    isVisible: message !== undefined,
    authorId: message?.authorId,
    isDeleted: message?.text === null,
  };
  return { standing, message };
}
