import { type Channel, channelOf, viewerMembershipIn } from '../channel/channel.ts';
import type { ChannelId } from '../ids.ts';
import { type Member, viewerMember } from '../member/member.ts';
import type { OwnState } from '../ports/memberships.ts';
import type { Scope, Viewer, ViewerScope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import { type Denied, denied } from '../verdict.ts';
import { stateAt } from './viewer-state.policy.ts';

/** What concerns only the viewer in a channel, as of now. */
export type ViewerState = OwnState & { readonly member: Member };

const nothingOwn: OwnState = {
  ...{ isMuted: false, mutedUntil: null },
  ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
};

/** The viewer's state in a channel that they are in. Throws when they never were. */
export function viewerStateIn(scope: Scope, channelId: ChannelId): Soon<ViewerState> {
  return whenThere(viewerMember(scope, channelId), (member) =>
    whenThere(viewerMembershipIn(scope, channelId), (membership) => {
      return { ...stateAt(membership?.own ?? nothingOwn, scope.clock.now()), member };
    }),
  );
}

export type ViewerStateChanged = { readonly channel: Channel; readonly viewer: Viewer };

/** Changes what the viewer set for themselves in a channel, what is not named stays. Their devices hear of it, nobody else. */
export async function changeViewerState(
  scope: ViewerScope,
  channelId: ChannelId,
  own: Partial<OwnState>,
): Promise<ViewerStateChanged | Denied> {
  const { stream, viewer } = scope;
  if (!(await stream.changeOwn(viewer.id, channelId, own))) return denied('NOT_FOUND');
  const channel = await channelOf(scope, channelId);
  if (channel === undefined) throw new Error('A channel that the viewer was just a member of is gone.');
  return { channel, viewer };
}
