import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { changeViewerState, type ViewerStateChanged } from './viewer-state.ts';

export type ArchiveChannelInput = { readonly channelId: ChannelId };

/** Puts a channel away for the viewer, who stays a member. It stays there until they take it out again, whatever is said in it. */
export const archiveChannel = (
  scope: ViewerScope,
  { channelId }: ArchiveChannelInput,
): Promise<ViewerStateChanged | Refusal> => changeViewerState(scope, channelId, { isArchived: true });
