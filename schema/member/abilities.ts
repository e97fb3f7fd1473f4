import type { Standing } from '../channel/channel.policy.ts';
import { type Channel, viewerMembershipIn } from '../channel/channel.ts';
import { standingBy } from '../channel/standing.ts';
import { idPrefix } from '../ids.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Scope } from '../scope.ts';

/** How the viewer stands in a channel: what every rule about what they may do there is asked with. */
export type ChannelAbilities = {
  readonly id: string;
  readonly channel: Channel;
  readonly membership: Membership | undefined;
  readonly standing: Standing;
};

/** Nothing is read for it but who the viewer is in that channel, which is at hand wherever the channel is. */
export async function abilitiesIn(scope: Scope, channel: Channel): Promise<ChannelAbilities> {
  const membership = await viewerMembershipIn(scope, channel.id);
  const id = idPrefix.ChannelAbilities + channel.id.slice(idPrefix.Channel.length);
  return { id, channel, membership, standing: standingBy(channel, membership) };
}
