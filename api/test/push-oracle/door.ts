import { setTimeout as pause } from 'node:timers/promises';
import { change, lateBy, record } from './acting.ts';
import type { Channel, Player } from './cast.ts';
import { type Answered, asking, cached, cachedMs, type Living } from './deeds.ts';

const remove = `mutation ($input: RemoveMemberInput!) { removeMember(input: $input) { __typename ... on UserError { code } } }`;
const add = `mutation ($input: AddMembersInput!) { addMembers(input: $input) { __typename ... on AddMembersPayload { notAdded { code } } } }`;

/** The owner of a group removes somebody, and takes them back after a while, again and again. */
export async function keepDoor(living: Living, channel: Channel): Promise<void> {
  const { random, signal } = living;
  const [, ...others] = channel.members;
  while (!signal.aborted) {
    try {
      await pause(20_000 + random.below(60_000), undefined, { signal });
      const other = random.pick(others);
      const seat = other.person.seats.get(channel.id);
      if (seat === undefined) continue;
      const [channelId, userId] = [channel.id, other.person.userId];
      const removing = asking(living, channel.owner, remove)({ channelId, userId });
      // Nobody else removes them: who is refused is told that it is done.
      await change(
        seat.isMember,
        false,
        cached(async () => ({ ...(await removing()), data: {} })),
      );
      await pause(5_000 + random.below(20_000), undefined, { signal });
      await addBack(living, channel, other);
    } catch (failure) {
      if (!signal.aborted) throw failure;
    }
  }
}

/** Who comes back finds the channel as a new member does. */
async function addBack(living: Living, channel: Channel, other: Player): Promise<void> {
  const { person } = other;
  const seat = person.seats.get(channel.id);
  if (seat === undefined) return;
  const adding = asking(living, channel.owner, add)({ channelId: channel.id, userIds: [person.userId] });
  const unknown = { value: true, from: Date.now(), to: Number.POSITIVE_INFINITY };
  seat.isMember.changes.push(unknown);
  const { data, span } = await adding();
  seat.isMember.changes.splice(seat.isMember.changes.indexOf(unknown), 1);
  if (!isThere(data)) return;
  const late = lateBy(cachedMs, span);
  record(seat.isMember, true, late);
  for (const switched of [seat.isMuted, seat.isArchived]) record(switched, false, late);
  record(seat.level, null, late);
}

/** Who is blocked is not added: then nothing has changed. Who was added by the question before is there already. */
function isThere({ addMembers }: Answered): boolean {
  if (addMembers === undefined || !('notAdded' in addMembers) || !Array.isArray(addMembers.notAdded))
    return false;
  return addMembers.notAdded.every(({ code }: { readonly code: string }) => code === 'ALREADY_A_MEMBER');
}
