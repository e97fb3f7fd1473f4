import { batched } from '../batched.ts';
import type { Standing } from '../channel/channel.policy.ts';
import { viewerMembershipIn } from '../channel/channel.ts';
import { standingBy } from '../channel/standing.ts';
import { type ChannelId, channelIdOf, idPrefix, rowIdOf } from '../ids.ts';
import type { Channel, Membership } from '../ports/memberships.ts';
import type { Scope } from '../scope.ts';
import type { Verdict } from '../verdict.ts';
import { canLeave } from './member.policy.ts';

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

const ownerCountIn = batched<ChannelId, number>(async ({ prisma }, ids) => {
  const counted = await prisma.member.groupBy({
    by: ['channelId'],
    where: { channelId: { in: ids.map(rowIdOf.channel) }, state: 'ACTIVE', role: 'OWNER' },
    _count: true,
  });
  return new Map(counted.map(({ channelId, _count }) => [channelIdOf(channelId), _count]));
});

/** May the viewer leave? Owners are counted only where it depends on that: for an owner who is not alone. */
export async function mayLeave(scope: Scope, { channel, standing }: ChannelAbilities): Promise<Verdict> {
  const { memberCount } = channel;
  const asLastOwner = canLeave(standing, { ownerCount: 1, memberCount });
  if (asLastOwner.allowed || asLastOwner.code !== 'LAST_OWNER') return asLastOwner;
  return canLeave(standing, { ownerCount: (await ownerCountIn(scope, channel.id)) ?? 0, memberCount });
}
