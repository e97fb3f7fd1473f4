import { createGroup } from '../../../schema/group/create-group.ts';
import { type ChannelId, type MessageId, messageIdOf, placeOf } from '../../../schema/ids.ts';
import { addMembers } from '../../../schema/member/add-members.ts';
import { leaveChannel } from '../../../schema/member/leave-channel.ts';
import { removeMember } from '../../../schema/member/remove-member.ts';
import { deleteMessage } from '../../../schema/message/delete-message.ts';
import { editMessage } from '../../../schema/message/edit-message.ts';
import { sendMessage } from '../../../schema/message/send-message.ts';
import type { Person } from '../../../schema/test/world.ts';
import { isRefusal } from '../../../schema/verdict.ts';

/** Where people do things at random, and what was said there so far. */
export type Place = { readonly channelIds: ChannelId[]; readonly messageIds: MessageId[] };

/** Groups of these people, each owned by another of them; of one all history is shown to everybody. */
export async function openPlace(people: readonly Person[]): Promise<Place> {
  const channelIds: ChannelId[] = [];
  for (const [index, owner] of people.entries()) {
    const made = await createGroup(owner.scope, {
      name: `Group ${index}`,
      memberIds: people.map(({ userId }) => userId),
      historyVisibility: index === 0 ? 'ALL' : 'FROM_JOINING',
      nonce: 'group',
    });
    if (isRefusal(made)) throw new Error('No group.');
    channelIds.push(made.channel.id);
  }
  return { channelIds, messageIds: [] };
}

const pick = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];

/** Somebody does something, at random; what the rules refuse is refused. */
export async function doSomething(
  person: Person,
  { place, others }: { readonly place: Place; readonly others: readonly Person[] },
  random: () => number,
): Promise<void> {
  const { scope } = person;
  const channelId = pick(place.channelIds, random);
  const messageId = pick(place.messageIds, random);
  const other = pick(others, random);
  if (channelId === undefined || other === undefined) throw new Error('Nothing to do anything with.');
  const chance = random();
  if (chance < 0.45) {
    // Every third answers something, of this channel or of another one.
    const replyToId = chance < 0.15 ? messageId : undefined;
    const input = { channelId, text: `${random()}`, nonce: `${random()}`, ...(replyToId && { replyToId }) };
    const sent = await sendMessage(scope, input);
    if ('message' in sent) place.messageIds.push(messageIdOf(channelId, sent.message.seq));
  } else if (chance < 0.6 && messageId) {
    // Half of them insist that nobody has changed it.
    const ifRevision = chance < 0.52 ? placeOf(messageId)?.seq : undefined;
    await editMessage(scope, { messageId, text: `${random()}`, ...(ifRevision && { ifRevision }) });
  } else if (chance < 0.7 && messageId) await deleteMessage(scope, { messageId });
  else if (chance < 0.82) await addMembers(scope, { channelId, userIds: others.map(({ userId }) => userId) });
  else if (chance < 0.94) await removeMember(scope, { channelId, userId: other.userId });
  else await leaveChannel(scope, { channelId });
}
