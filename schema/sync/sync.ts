import { type Channel, channelOf, channelsOf, isViewerIn } from '../channel/channel.ts';
import { chatError } from '../errors.ts';
import type { ChannelId, MemberId, UserId } from '../ids.ts';
import { type Member, memberById, memberIdFor } from '../member/member.ts';
import { mayKnow } from '../message/message.ts';
import { maxPageSize } from '../page.ts';
import type { Scope, ViewerScope } from '../scope.ts';
import type { Delivery, LogDelivery } from '../stream/delivery.ts';
import type { MemberChange, StoredMessage } from '../stream/event.ts';
import { memberChangeOf } from '../stream/follow.ts';
import type { ChangesPage, Reader } from '../stream/stream.ts';

/** What happened in a channel: every delivery that has one. */
export type ChannelDelivery = Extract<Delivery, { readonly channelId: ChannelId }>;

/** Ends with whoever asked; without that, never by itself. */
const never = new AbortController().signal;

/** Everything durable that concerns the viewer. An empty list is the same as none: start now. */
export function followEvents(
  scope: ViewerScope,
  after: readonly string[] | null | undefined,
): Promise<Reader<Delivery>> {
  const cursors = after && after.length > 0 ? after : undefined;
  return scope.stream.follow(scope.viewer.id, cursors, scope.signal ?? never);
}

/** So many events when nobody says how many. */
export const usualChanges = 100;

/** What `events` would send, by page. Throws `BAD_USER_INPUT` for a size out of bounds or a cursor that is none. */
export function changesAfter(
  { stream, viewer }: ViewerScope,
  { after, ...page }: { readonly after: readonly string[]; readonly first?: number | null },
): Promise<ChangesPage> {
  const first = page.first ?? usualChanges;
  if (first < 1 || first > maxPageSize) {
    throw chatError('BAD_USER_INPUT', `\`first\` is from 1 to ${maxPageSize}.`);
  }
  return stream.changes(viewer.id, after, first);
}

/**
 * The channel of an event; null when the viewer is no longer a member. A reader gives shared events only to members, so those
 * need no second look.
 */
export async function channelIn(scope: Scope, delivery: ChannelDelivery): Promise<Channel | null> {
  if (delivery.type === 'log' && delivery.isShared)
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

/** What a member event of the log says. */
export const changeIn = (delivery: LogDelivery): MemberChange => memberChangeOf(delivery);

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

/** Who did it. */
export const actorIn = ({ event }: LogDelivery): UserId => event.authorId;
