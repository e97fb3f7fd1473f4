import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { changeViewerState, type ViewerStateChanged } from './viewer-state.ts';

export type UnmuteChannelInput = { readonly channelId: ChannelId };

/** Ends a muting of the viewer's, also one that was for good. */
export const unmuteChannel = (
  scope: ViewerScope,
  { channelId }: UnmuteChannelInput,
): Promise<ViewerStateChanged | Refusal> =>
  changeViewerState(scope, channelId, { isMuted: false, mutedUntil: null });
