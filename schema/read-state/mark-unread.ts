import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Denied } from '../verdict.ts';
import { changeViewerState, type ViewerStateChanged } from '../viewer-state/viewer-state.ts';

export type MarkUnreadInput = { readonly channelId: ChannelId };
export type MarkUnreadPayload = ViewerStateChanged;

/** The viewer wants to come back to a channel. What they have read stays read, and nobody else learns of it. */
export const markUnread = (
  scope: ViewerScope,
  { channelId }: MarkUnreadInput,
): Promise<MarkUnreadPayload | Denied> => changeViewerState(scope, channelId, { isMarkedUnread: true });
