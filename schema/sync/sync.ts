import { type Channel, channelOf, channelsOf, isViewerIn } from '../channel/channel.ts';
import { isFirstDeletion } from '../channel/progress.ts';
import { chatError } from '../errors.ts';
import type { ChannelId, MemberId, Seq, UserId } from '../ids.ts';
import { type Member, memberById, memberIdFor } from '../member/member.ts';
import { mayKnow } from '../message/message.ts';
import { maxPageSize } from '../page.ts';
import { acknowledgedBy } from '../read-state/acknowledged.ts';
import type { Scope, ViewerScope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { Delivery, LogDelivery, PositionsDelivery } from '../stream/delivery.ts';
import type { ChannelUpdated, MemberChange, StoredMessage } from '../stream/event.ts';
import { channelUpdateOf, memberChangeOf } from '../stream/follow.ts';
import type { ChangesPage, Reader } from '../stream/stream.ts';

/** What happened in a channel: every delivery that has one. */
export type ChannelDelivery = Extract<Delivery, { readonly channelId: ChannelId }>;

/** Ends with whoever asked; without that, never by itself. */
const never = new AbortController().signal;

async function acknowledgedCursors(scope: ViewerScope): Promise<readonly string[] | undefined> {
  const cursor = await acknowledgedBy(scope);
  return cursor === undefined ? undefined : [cursor];
}

/**
 * Everything durable that concerns the viewer. An empty list is the same as none: behind what this device has acknowledged, or
 * from now on if it never did.
 */
export async function followEvents(
  scope: ViewerScope,
  after: readonly string[] | null | undefined,
): Promise<Reader<Delivery>> {
  const cursors = after && after.length > 0 ? after : await acknowledgedCursors(scope);
  return scope.stream.follow(scope.viewer.id, cursors, scope.signal ?? never);
}

const connect = ({ presence, viewer }: ViewerScope) =>
  presence.connect({ userId: viewer.id, deviceId: viewer.deviceId });

/** So many events when nobody says how many. */
export const usualChanges = 100;
/** The longest that `changes` may wait, in seconds: many proxies and mobile networks give a silent request up after 30 s. */
export const longestWait = 25;

export type ChangesArgs = {
  readonly after: readonly string[];
  readonly first?: number | null;
  readonly waitSeconds?: number | null;
};

/**
 * What `events` would send, by page; with `waitSeconds`, as soon as there is something. Throws `BAD_USER_INPUT` for a size or a
 * wait out of bounds or a cursor that is none, and `RATE_LIMITED` when too many wait.
 */
export async function changesAfter(
  scope: ViewerScope,
  { after, ...args }: ChangesArgs,
): Promise<ChangesPage> {
  const first = args.first ?? usualChanges;
  if (first < 1 || first > maxPageSize) {
    throw chatError('BAD_USER_INPUT', `\`first\` is from 1 to ${maxPageSize}.`);
  }
  const waitSeconds = args.waitSeconds ?? 0;
  if (waitSeconds < 0 || waitSeconds > longestWait) {
    throw chatError('BAD_USER_INPUT', `\`waitSeconds\` is from 0 to ${longestWait}.`);
  }
  const wanted = { after, first, waitMs: waitSeconds * 1_000 };
  // Who waits is there, as with a socket.
  const disconnect = waitSeconds > 0 ? connect(scope) : undefined;
  return scope.stream.changes(scope.viewer.id, wanted, scope.signal ?? never).finally(disconnect);
}

/**
 * The channel of an event; null when the viewer is no longer a member. A reader gives shared events only to members, so those
 * need no second look.
 */
export async function channelIn(scope: Scope, delivery: ChannelDelivery): Promise<Channel | null> {
  if ('isShared' in delivery && delivery.isShared)
    return (await channelOf(scope, delivery.channelId)) ?? null;
  const [channel] = await channelsOf(scope, [delivery.channelId]);
  return channel ?? null;
}

/**
 * The message of an event; null for one that the viewer may not see: what is edited or deleted can be of a time when they were
 * not there. A reader shares no such event.
 */
export async function visibleMessageIn(
  scope: Scope,
  { isShared, event }: LogDelivery,
): Promise<StoredMessage | null> {
  const { message } = event;
  return message === null || isShared || (await mayKnow(scope, message)) ? message : null;
}

/** By which revision a message was deleted; null for a deletion that came too late, because somebody else's had come before. */
export const deletingRevision = (
  scope: Scope,
  { channelId, event: { seq } }: LogDelivery,
): Soon<Seq | null> => whenThere(isFirstDeletion(scope, channelId, seq), (isFirst) => (isFirst ? seq : null));

/** What a member event of the log says. */
export const changeIn = (delivery: LogDelivery): MemberChange => memberChangeOf(delivery);

/** What a change of the channel itself says. */
export const updateIn = (delivery: LogDelivery): ChannelUpdated => channelUpdateOf(delivery);

/** The member that an event is about; its id stays when the person goes. */
export async function memberIdIn(scope: Scope, delivery: LogDelivery): Promise<MemberId> {
  const { userId } = changeIn(delivery);
  const memberId = await memberIdFor(scope, `${delivery.channelId}|${userId}`);
  if (memberId === undefined) throw new Error('A member event of somebody who has no row.');
  return memberId;
}

/** The member that an event is about, as they are now; null when gone again, or when it is the viewer who is. */
export async function memberIn(scope: Scope, delivery: LogDelivery): Promise<Member | null> {
  const isSeen = delivery.isShared || (await isViewerIn(scope, delivery.channelId));
  return (isSeen && (await memberById(scope, await memberIdIn(scope, delivery)))) || null;
}

/** Whose positions moved, as they are now; nobody for who is in the channel no more. */
export async function movedMembersIn(
  scope: Scope,
  { isShared, channelId, memberIds }: PositionsDelivery,
): Promise<Member[]> {
  if (!isShared && !(await isViewerIn(scope, channelId))) return [];
  const members = await Promise.all(memberIds.map((memberId) => memberById(scope, memberId)));
  return members.filter((member) => member !== undefined);
}

/** Who did it. */
export const actorIn = ({ event }: LogDelivery): UserId => event.authorId;
