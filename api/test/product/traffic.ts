import { updateProfile } from '../../../schema/account/update-profile.ts';
import { openDirectChannel } from '../../../schema/channel/open-direct-channel.ts';
import { answerContactRequest } from '../../../schema/contact/answer-contact-request.ts';
import { blockUser } from '../../../schema/contact/block-user.ts';
import { removeContact } from '../../../schema/contact/remove-contact.ts';
import { requestContact } from '../../../schema/contact/request-contact.ts';
import { unblockUser } from '../../../schema/contact/unblock-user.ts';
import { createGroup } from '../../../schema/group/create-group.ts';
import { updateGroup } from '../../../schema/group/update-group.ts';
import { type ChannelId, type MessageId, messageIdOf, placeOf } from '../../../schema/ids.ts';
import { addMembers } from '../../../schema/member/add-members.ts';
import { leaveChannel } from '../../../schema/member/leave-channel.ts';
import { removeMember } from '../../../schema/member/remove-member.ts';
import { setMemberRole } from '../../../schema/member/set-member-role.ts';
import { deleteMessage } from '../../../schema/message/delete-message.ts';
import { editMessage } from '../../../schema/message/edit-message.ts';
import { sendMessage } from '../../../schema/message/send-message.ts';
import { setNotificationLevel } from '../../../schema/notification/set-notification-level.ts';
import { updateNotificationSettings } from '../../../schema/notification/update-notification-settings.ts';
import { registerPushEndpoint } from '../../../schema/push-endpoint/register-push-endpoint.ts';
import { removePushEndpoint } from '../../../schema/push-endpoint/remove-push-endpoint.ts';
import { acknowledgeEvents } from '../../../schema/read-state/acknowledge-events.ts';
import { markRead } from '../../../schema/read-state/mark-read.ts';
import { markUnread } from '../../../schema/read-state/mark-unread.ts';
import { revokeSession } from '../../../schema/session/revoke-session.ts';
import { updateSettings } from '../../../schema/settings/update-settings.ts';
import { roles } from '../../../schema/stream/event.ts';
import { webAddress } from '../../../schema/test/push-address.ts';
import type { Person, World } from '../../../schema/test/world.ts';
import { isRefusal } from '../../../schema/verdict.ts';
import { archiveChannel } from '../../../schema/viewer-state/archive-channel.ts';
import { muteChannel } from '../../../schema/viewer-state/mute-channel.ts';
import { unarchiveChannel } from '../../../schema/viewer-state/unarchive-channel.ts';
import { unmuteChannel } from '../../../schema/viewer-state/unmute-channel.ts';

/** Where people do things at random, and what was said there so far. */
export type Place = {
  readonly channelIds: ChannelId[];
  readonly messageIds: MessageId[];
  /** Signs a person in on one more device. */
  readonly signIn: World['signIn'];
};

/** Groups of these people, each owned by another of them; of one all history is shown to everybody. */
export async function openPlace(
  people: readonly Person[],
  { signIn }: Pick<World, 'signIn'>,
): Promise<Place> {
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
  return { channelIds, messageIds: [], signIn };
}

const pick = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];

/** Somebody, and what they may do something with. */
type Doing = {
  readonly person: Person;
  readonly scope: Person['scope'];
  readonly place: Place;
  readonly random: () => number;
  readonly channelId: ChannelId;
  readonly other: Person;
  readonly others: readonly Person[];
  readonly messageId: MessageId | undefined;
};

async function send({ scope, place, random, channelId, messageId }: Doing): Promise<void> {
  // Every third answers something, of this channel or of another one.
  const replyToId = random() < 0.3 ? messageId : undefined;
  const input = { channelId, text: `${random()}`, nonce: `${random()}`, ...(replyToId && { replyToId }) };
  const sent = await sendMessage(scope, input);
  if ('message' in sent) place.messageIds.push(messageIdOf(channelId, sent.message.seq));
}

async function edit({ scope, random, messageId }: Doing): Promise<void> {
  if (messageId === undefined) return;
  // Half of them insist that nobody has changed it.
  const ifRevision = random() < 0.5 ? placeOf(messageId)?.seq : undefined;
  await editMessage(scope, { messageId, text: `${random()}`, ...(ifRevision && { ifRevision }) });
}

async function openDirect({ scope, place, other }: Doing): Promise<void> {
  const opened = await openDirectChannel(scope, { userId: other.userId });
  if ('channel' in opened && !place.channelIds.includes(opened.channel.id))
    place.channelIds.push(opened.channel.id);
}

const update = ({ scope, random, channelId }: Doing) => {
  const chance = random();
  if (chance < 0.25) return updateGroup(scope, { channelId, name: `Named ${random()}` });
  if (chance < 0.45)
    return updateGroup(scope, { channelId, topic: chance < 0.35 ? null : `About ${random()}` });
  return updateGroup(scope, { channelId, historyVisibility: chance < 0.75 ? 'ALL' : 'FROM_JOINING' });
};

const levels = ['ALL', 'REPLIES', 'NOTHING'] as const;
const far = new Date('2200-01-01T00:00:00Z');
const setOwn = ({ scope, random, channelId }: Doing) => {
  const chance = random();
  if (chance < 0.35) return muteChannel(scope, { channelId, ...(chance < 0.15 && { until: far }) });
  if (chance < 0.45) return unmuteChannel(scope, { channelId });
  if (chance < 0.6) return setNotificationLevel(scope, { channelId, level: pick([null, ...levels], random) });
  return chance < 0.8 ? archiveChannel(scope, { channelId }) : unarchiveChannel(scope, { channelId });
};

/** Asks somebody, or answers them; ends what there is, or blocks them, which does not last. */
const meet = ({ scope, random, other: { userId } }: Doing) => {
  const chance = random();
  if (chance < 0.35) return requestContact(scope, { userId });
  if (chance < 0.55) return answerContactRequest(scope, { userId, accept: chance < 0.45 });
  if (chance < 0.65) return removeContact(scope, { userId });
  return chance < 0.8 ? blockUser(scope, { userId }) : unblockUser(scope, { userId });
};

/** Up to some message there, also one of before or beyond; or to come back to it. */
const read = ({ scope, random, channelId }: Doing) =>
  random() < 0.85
    ? markRead(scope, { channelId, number: Math.floor(random() * 40) })
    : markUnread(scope, { channelId });

/** Two people at once, which only the log can tell apart. */
async function eraseTogether({ scope, other, messageId }: Doing): Promise<void> {
  if (messageId === undefined) return;
  await Promise.all([deleteMessage(scope, { messageId }), deleteMessage(other.scope, { messageId })]);
}

/** Holds everything that there is now. */
async function receive({ scope }: Doing): Promise<void> {
  const { cursor } = await scope.stream.syncPoint(scope.viewer.id);
  await acknowledgeEvents(scope, { cursors: [cursor] });
}

const audiences = ['NOBODY', 'CONTACTS', 'CO_MEMBERS'] as const;
const setAll = ({ scope, random }: Doing) => {
  const [isIt, lastSeenVisibleTo] = [random() < 0.5, pick(audiences, random)];
  const chance = random();
  if (chance < 0.4) return updateSettings(scope, { sharesReadPosition: isIt });
  if (chance < 0.6)
    return updateNotificationSettings(scope, isIt ? { level: pick(levels, random) } : { quietHours: night });
  return updateSettings(scope, chance < 0.75 ? { isInvisible: isIt } : { lastSeenVisibleTo });
};

const night = { from: '22:00', to: '06:30', days: ['MONDAY', 'FRIDAY'], timeZone: 'Asia/Kolkata' } as const;
const placesToWake = ['north', 'south', 'west'];
/** Another device comes, is woken where another one was before, and now and then goes. */
async function useDevices({ person, place, random }: Doing): Promise<void> {
  const { scope, viewer } = await place.signIn(person.handle);
  const { web } = webAddress(pick(placesToWake, random) ?? 'east');
  await registerPushEndpoint(scope, { address: { web: { ...web, url: new URL(web.url) } } });
  if (random() < 0.2) await removePushEndpoint(scope, {});
  if (random() < 0.5) await revokeSession(scope, { deviceId: viewer.deviceId });
}

type Act = (doing: Doing) => Promise<unknown>;
/** What people do, each with how often that is, of all of it. */
const doings: readonly (readonly [share: number, act: Act])[] = [
  [34, send],
  [12, edit],
  [8, async ({ scope, messageId }) => messageId && deleteMessage(scope, { messageId })],
  [
    9,
    ({ scope, channelId, others }) =>
      addMembers(scope, { channelId, userIds: others.map(({ userId }) => userId) }),
  ],
  [8, ({ scope, channelId, other }) => removeMember(scope, { channelId, userId: other.userId })],
  [4, ({ scope, channelId }) => leaveChannel(scope, { channelId })],
  [
    9,
    ({ scope, channelId, other, random }) =>
      setMemberRole(scope, { channelId, userId: other.userId, role: pick(roles, random) ?? 'MEMBER' }),
  ],
  [9, update],
  [5, setOwn],
  [3, openDirect],
  [14, meet],
  [5, setAll],
  [22, read],
  [5, receive],
  [4, eraseTogether],
  [2, ({ scope, random }) => updateProfile(scope, { displayName: `Name ${random()}` })],
  [1, useDevices],
];

const acts = doings.flatMap(([share, act]) => Array<Act>(share).fill(act));

/** Somebody does something, at random; what the rules refuse is refused. */
export async function doSomething(
  person: Person,
  { place, others }: { readonly place: Place; readonly others: readonly Person[] },
  random: () => number,
): Promise<void> {
  const channelId = pick(place.channelIds, random);
  const other = pick(others, random);
  if (channelId === undefined || other === undefined) throw new Error('Nothing to do anything with.');
  const what = { channelId, other, others, messageId: pick(place.messageIds, random) };
  const act = pick(acts, random) ?? send;
  await act({ person, scope: person.scope, place, random, ...what });
}
