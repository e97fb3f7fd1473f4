import type { Cast } from './cast.ts';
import type { Device } from './device.ts';
import { allow } from './habits.ts';
import type { Milestones } from './milestones.ts';
import type { Plan } from './plan.ts';

type Options = {
  readonly plan: Plan;
  readonly cast: Cast;
  readonly devices: readonly Device[];
  /** Messages that were acknowledged. */
  readonly milestones: Milestones;
};

/** People go from channels and come back to them while others talk there. Resolves when all of that is answered. */
export async function wander({ plan, cast, devices, milestones }: Options): Promise<void> {
  const deviceOf = (userId: string | undefined) => {
    const device = devices.find((one) => one.userId === userId);
    if (device === undefined) throw new Error('Somebody without a device cannot do anything.');
    return device;
  };
  const all = plan.wanderers.map(async ({ channel, person, goings }) => {
    const { id: channelId = '', members = [] } = cast.channels[channel] ?? {};
    const userId = cast.people.get(person)?.userId ?? '';
    const [owner, self] = [deviceOf(members[0]?.userId), deviceOf(userId)];
    // Asked for again after a lost answer, the first time may have been enough: that refuses the second.
    for (const { how, at, backAt } of goings) {
      await milestones.reached(at);
      if (how === 'leaves') allow(await self.mutate('leaveChannel', () => ({ channelId })), 'NOT_FOUND');
      else allow(await owner.mutate('removeMember', () => ({ channelId, userId })), 'NOT_A_MEMBER');
      if (backAt === undefined) continue;
      await milestones.reached(backAt);
      allow(await owner.mutate('addMembers', () => ({ channelId, userIds: [userId] })));
    }
  });
  await Promise.all(all);
}
