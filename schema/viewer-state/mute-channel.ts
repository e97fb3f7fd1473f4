import type { ChannelId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { checkUntil } from './viewer-state.policy.ts';
import { changeViewerState, type ViewerStateChanged } from './viewer-state.ts';

export type MuteChannelInput = { readonly channelId: ChannelId; readonly until?: Date | null };

/** Mutes a channel for the viewer, up to a time or for good. What was set before is replaced. */
export async function muteChannel(
  scope: ViewerScope,
  { channelId, until }: MuteChannelInput,
): Promise<ViewerStateChanged | Refusal> {
  const invalid = checkUntil(until, scope.clock.now());
  if (invalid) return invalid;
  return changeViewerState(scope, channelId, { isMuted: true, mutedUntil: until?.getTime() ?? null });
}
