import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Denied } from '../verdict.ts';
import { changeViewerState, type ViewerStateChanged } from '../viewer-state/viewer-state.ts';
import type { NotificationLevel } from './notification.policy.ts';

export type SetNotificationLevelInput = {
  readonly channelId: ChannelId;
  /** Absent or null: as everywhere. */
  readonly level?: NotificationLevel | null | undefined;
};

/** Of what is said in a channel the viewer wants to be notified. Their devices hear of it if it is something else, nobody else does. */
export async function setNotificationLevel(
  scope: ViewerScope,
  { channelId, level }: SetNotificationLevelInput,
): Promise<ViewerStateChanged | Denied> {
  const { stream, viewer } = scope;
  const notificationLevel = level ?? null;
  const [membership] = await stream.memberships.of(viewer.id, [channelId]);
  if (membership?.state === 'ACTIVE' && membership.own.notificationLevel === notificationLevel)
    return { channel: membership.channel, viewer };
  return changeViewerState(scope, channelId, { notificationLevel });
}
