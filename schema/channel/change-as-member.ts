import type { ChannelId, UserId } from '../ids.ts';
import type { MembershipDecision, Roster } from '../ports/memberships.ts';
import type { ViewerScope } from '../scope.ts';

/** What is to change, and whose rows a decision may have to look at besides those of the members. */
export type ChangeAsMember = { readonly channelId: ChannelId; readonly candidates: readonly UserId[] };

/**
 * Decides about a channel that the viewer is in; undefined when they are in none like it. They are asked for before anything is
 * locked: otherwise whoever guesses an id could hold up those who are there, and tell by the time it takes that they are.
 */
export async function changeAsMember<R>(
  { stream, viewer }: ViewerScope,
  { channelId, candidates }: ChangeAsMember,
  decide: (roster: Roster) => MembershipDecision<R>,
): Promise<R | undefined> {
  const [membership] = await stream.memberships.of(viewer.id, [channelId]);
  if (membership?.state !== 'ACTIVE') return undefined;
  return stream.changeMembership(channelId, { by: viewer.id, candidates }, decide);
}
