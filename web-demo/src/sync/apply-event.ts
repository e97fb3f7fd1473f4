import type { Cache, Entity } from '@urql/exchange-graphcache';
import {
  CountedFragmentDoc,
  type EventsSubscription,
  type MessageFieldsFragment,
  PlacedFragmentDoc,
} from '../gql/graphql.ts';
import {
  addMember,
  channelOf,
  keyIn,
  leaveOut,
  membersOf,
  newestOf,
  removeMember,
  takeIn,
  viewerIn,
} from './lists.ts';

export type ChatEvent = EventsSubscription['events'];
type Of<Name extends ChatEvent['__typename']> = Extract<ChatEvent, { __typename: Name }>;

/**
 * What an event changes besides the objects that it brings: those have ids, so they are in the cache already when this runs. Applying
 * an event again changes nothing. `viewerId` is the id of the viewer's `User`.
 */
export function applyEvent(cache: Cache, event: ChatEvent, viewerId: string): void {
  if (event.__typename === 'MessageSent') applySent(cache, event, viewerId);
  if (event.__typename === 'MessageDeleted') countDeleted(cache, event, viewerId);
  if (event.__typename === 'MemberAdded' && event.member) addMember(cache, event.channelId, event.member.id);
  if (event.__typename === 'MemberRemoved') {
    removeMember(cache, event.channelId, event.memberId);
    if (event.user?.id === viewerId) leaveOut(cache, event.channelId);
  }
  if (event.__typename === 'ViewerChannelChanged') {
    if (event.channel) takeIn(cache, event.channelId);
    else leaveOut(cache, event.channelId);
  }
  if (event.__typename === 'ContactChanged') {
    cache.invalidate({ __typename: 'User', id: event.userId }, 'viewerCan');
    forget(cache, viewerIn(cache), ['contacts', 'contactRequests', 'blockedUsers']);
  }
  // When the visibility of its history has changed, others of its messages can be seen.
  if (event.__typename === 'SyncReset' || event.__typename === 'ChannelUpdated')
    forget(cache, channelOf(event.channelId), ['messages', 'messagesAround', 'members']);
  if (event.__typename === 'ViewerReset') forget(cache, viewerIn(cache));
  // `CaughtUp` and `Checkpoint` change nothing, and what later releases add is not known here.
}

const numberIn = (cache: Cache, key: string | undefined): number => {
  const found = key && cache.resolve(key, 'number');
  return typeof found === 'number' ? found : 0;
};

/** Who shows one of these reads it again. */
function forget(cache: Cache, entity: Entity | undefined, fields?: readonly string[]): void {
  if (entity === undefined) return;
  for (const { fieldName, arguments: given } of cache.inspectFields(entity))
    if (fields === undefined || fields.includes(fieldName)) cache.invalidate(entity, fieldName, given);
}

function applySent(cache: Cache, { channelId, message }: Of<'MessageSent'>, viewerId: string): void {
  if (!message) return;
  const place = channelOf(channelId);
  if (message.number >= numberIn(cache, keyIn(cache, place, 'lastMessage')))
    cache.link(place, 'lastMessage', { __typename: 'Message', id: message.id });
  const newest = newestOf(cache, channelId);
  // Behind a hole nothing is put: whoever shows the channel sees by `lastNumber` that a page is outdated, and reads it again.
  if (newest && newest.lastNumber + 1 === message.number) newest.append(message);
  liftAuthor(cache, channelId, message);
  const isOwn = message.author?.id === viewerId;
  countSent(cache, channelId, { number: message.number, isOwn });
}

/** Who had read everything has read what they write next; no other event says so. */
function liftAuthor(cache: Cache, channelId: string, { number, author }: MessageFieldsFragment): void {
  const own = keyIn(cache, channelOf(channelId), 'viewerState');
  const members = [...membersOf(cache, channelId), own && keyIn(cache, own, 'member')];
  for (const key of members) {
    const isAuthor = key && author && keyIn(cache, key, 'user') === `User:${author.id}`;
    const member = isAuthor ? cache.readFragment(PlacedFragmentDoc, key) : null;
    if (member?.readNumber !== number - 1) continue;
    const deliveredNumber = Math.max(number, member.deliveredNumber ?? 0);
    cache.writeFragment(PlacedFragmentDoc, { ...member, readNumber: number, deliveredNumber });
  }
}

function countedIn(cache: Cache, channelId: string) {
  const state = keyIn(cache, channelOf(channelId), 'viewerState');
  return state === undefined ? null : cache.readFragment(CountedFragmentDoc, state);
}

type Sent = { readonly number: number; readonly isOwn: boolean };
function countSent(cache: Cache, channelId: string, { number, isOwn }: Sent): void {
  const counted = countedIn(cache, channelId);
  if (!counted || number <= counted.countedToNumber) return; // it is in the count already
  const unreadCount = counted.unreadCount + (isOwn ? 0 : 1);
  cache.writeFragment(CountedFragmentDoc, { ...counted, unreadCount, countedToNumber: number });
}

function countDeleted(cache: Cache, event: Of<'MessageDeleted'>, viewerId: string): void {
  const { channelId, message, revision } = event;
  const counted = countedIn(cache, channelId);
  // Deleted before, by somebody who was quicker; or left out of the count already.
  if (!counted || revision === null || revision <= counted.countedToRevision) return;
  const wasUnread =
    message && message.author?.id !== viewerId && message.number > (counted.member.readNumber ?? 0);
  const unreadCount = counted.unreadCount - (wasUnread ? 1 : 0);
  cache.writeFragment(CountedFragmentDoc, { ...counted, unreadCount, countedToRevision: revision });
}
