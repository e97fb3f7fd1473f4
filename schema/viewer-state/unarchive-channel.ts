import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { changeViewerState, type ViewerStateChanged } from './viewer-state.ts';

export type UnarchiveChannelInput = { readonly channelId: ChannelId };

/** Takes a channel of the viewer's out of the archive. */
export const unarchiveChannel = (
  scope: ViewerScope,
  { channelId }: UnarchiveChannelInput,
): Promise<ViewerStateChanged | Refusal> => changeViewerState(scope, channelId, { isArchived: false });
