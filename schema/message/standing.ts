import { viewerMembershipIn } from '../channel/channel.ts';
import { type ChannelId, idPrefix, type MessageId, placeOf } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Scope, ViewerScope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import type { MessageStanding, Standing } from './message.policy.ts';
import { idOf, isIn, numbersSeenIn, visibleMessage } from './message.ts';

/** How somebody with this membership stands towards its channel. */
export const standingOf = (membership: Membership | undefined): Standing => ({
  role: joinedSeqOf(membership) === undefined ? undefined : membership?.role,
  wasMember: membership?.intervals.some(({ joinedSeq }) => joinedSeq !== null) ?? false,
  isBlocked: membership?.channel.isBlocked ?? false,
});

/**
 * How the viewer stands in a channel. Who may send is known for up to 2 s, since it is asked with every send; who may not is
 * looked up anew, so that nobody is turned away who was added, or whose block ended, a moment ago by another server.
 */
export async function standingIn({ stream, viewer }: ViewerScope, channelId: ChannelId): Promise<Standing> {
  const known = standingOf(await stream.membershipOf(viewer.id, channelId));
  if (known.role !== undefined && !known.isBlocked) return known;
  const [membership] = await stream.memberships.of(viewer.id, [channelId]);
  return standingOf(membership);
}

/** `message` undefined: there is none, or the viewer may not see it. */
const towards = (
  { viewer }: Scope,
  standing: Standing,
  message: StoredMessage | undefined,
): MessageStanding => ({
  ...standing,
  viewerId: viewer?.id,
  isVisible: message !== undefined,
  authorId: message?.authorId,
  isDeleted: message?.text === null,
});

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
  return { standing: towards(scope, standingOf(membership), message), message };
}

/** How who sends to a channel stands towards the message that they answer: of that channel, or it is none that they may answer. */
export async function standingToReply(
  scope: ViewerScope,
  channelId: ChannelId,
  id: MessageId,
): Promise<MessageStanding> {
  const isHere = placeOf(id)?.channelId === channelId;
  const [standing, message] = await Promise.all([
    standingIn(scope, channelId),
    isHere ? visibleMessage(scope, id) : undefined,
  ]);
  return towards(scope, standing, message);
}

export type MessageAbilities = { readonly id: string; readonly standing: MessageStanding };

/** What the viewer may do with a message that is at hand. Nothing is read for it but who they are in its channel. */
export async function abilitiesOf(scope: Scope, message: StoredMessage): Promise<MessageAbilities> {
  const [membership, seen] = await Promise.all([
    viewerMembershipIn(scope, message.channelId),
    numbersSeenIn(scope, message.channelId),
  ]);
  const isSeen = isIn(seen, message.number);
  return {
    id: idPrefix.MessageAbilities + idOf(message).slice(idPrefix.Message.length),
    standing: towards(scope, standingOf(membership), isSeen ? message : undefined),
  };
}
