import { batched } from '../batched.ts';
import { type Channel, channelOf, headOf, seesChannel, viewerMembershipIn } from '../channel/channel.ts';
import { type ChannelId, type MessageId, messageIdOf, placeOf } from '../ids.ts';
import type { Head } from '../ports/event-log.ts';
import type { Membership } from '../ports/memberships.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { StoredMessage } from '../stream/event.ts';
import { isVisible, joinedSeqOf } from '../stream/intervals.ts';

/** Numbers above `after`, up to `to`. */
export type NumberRange = { readonly after: number; readonly to: number };

/** The messages that a present member may see, by number, ascending; none for who is no member now. */
export function visibleNumbers(
  channel: Channel | undefined,
  membership: Membership | undefined,
): NumberRange[] {
  if (channel === undefined || membership === undefined || joinedSeqOf(membership) === undefined) return [];
  if (channel.historyVisibility === 'ALL') return [{ after: 0, to: Number.MAX_SAFE_INTEGER }];
  return membership.intervals.flatMap(({ joinedNumber, leftNumber }) => {
    const to = leftNumber ?? Number.MAX_SAFE_INTEGER;
    return joinedNumber === null || joinedNumber === to ? [] : [{ after: joinedNumber, to }];
  });
}

/** What the viewer may see of a channel, as of now. */
export function numbersSeenIn(scope: Scope, channelId: ChannelId): Soon<NumberRange[]> {
  return whenThere(viewerMembershipIn(scope, channelId), (membership) =>
    whenThere(channelOf(scope, channelId), (channel) => visibleNumbers(channel, membership)),
  );
}

export const isIn = (ranges: readonly NumberRange[], number: number): boolean =>
  ranges.some(({ after, to }) => number > after && number <= to);

/**
 * The channel of a message that somebody holds. Who is in it no more may hold one all the same (they repeat what they sent
 * before, or lag behind their removal): they get what never changes of it.
 */
export async function channelOfMessage(scope: Scope, { channelId }: StoredMessage): Promise<Channel> {
  const [channel, isSeen] = await Promise.all([channelOf(scope, channelId), seesChannel(scope, channelId)]);
  if (channel === undefined) throw new Error('A message of a channel that has no row.');
  return isSeen ? channel : { ...channel, name: null, topic: null };
}

/** Whether a message was said while the viewer was there, in a past stay too, or is shown to everybody who is there now. */
export async function mayKnow(scope: Scope, { channelId, seq, number }: StoredMessage): Promise<boolean> {
  const membership = await viewerMembershipIn(scope, channelId);
  return isVisible(membership?.intervals ?? [], seq) || isIn(await numbersSeenIn(scope, channelId), number);
}

/** A message whoever asks. */
const messageById = batched<MessageId, StoredMessage>(async ({ stream }, ids) => {
  const found = await stream.history.messagesAt(ids.flatMap((id) => placeOf(id) ?? []));
  return new Map(found.flatMap((message) => (message ? [[idOf(message), message] as const] : [])));
});

const messageByNumber = batched<`${ChannelId}|${number}`, StoredMessage>(async ({ stream }, keys) => {
  const wanted = keys.map((key) => {
    const [channelId, number] = key.split('|') as [ChannelId, string];
    return { channelId, number: Number(number) };
  });
  const found = await stream.history.messagesAt(wanted);
  return new Map(found.flatMap((message, i) => (message && keys[i] ? [[keys[i], message] as const] : [])));
});

/**
 * A message on its way to the viewer. `answered`: what it answers, when that was read with it and judged for this viewer (null:
 * nothing that they may see).
 */
export type ShownMessage = StoredMessage & { readonly answered?: StoredMessage | null | undefined };

export const idOf = ({ channelId, seq }: StoredMessage): MessageId => messageIdOf(channelId, seq);

/** A message that the viewer may see now; undefined when there is none or they may not. */
export async function visibleMessage(scope: Scope, id: MessageId): Promise<StoredMessage | undefined> {
  const place = placeOf(id);
  if (place === undefined) return undefined;
  const [message, ranges] = await Promise.all([
    messageById(scope, id),
    numbersSeenIn(scope, place.channelId),
  ]);
  return message && isIn(ranges, message.number) ? message : undefined;
}

/** What a message answers; null when it answers none, and when the viewer may not see that one. */
export function answeredMessage(
  scope: Scope,
  { channelId, replyTo, answered }: ShownMessage,
): Soon<StoredMessage | null> {
  if (replyTo === null) return null;
  if (answered !== undefined) return answered;
  const id = messageIdOf(channelId, replyTo.seq);
  // A reader shares an event only with viewers who see what its message answers.
  const found = scope.sharedView === undefined ? visibleMessage(scope, id) : messageById(scope, id);
  return whenThere(found, (message) => message ?? null);
}

/** Those of these messages that the viewer may see, in no order. */
export async function visibleMessages(scope: Scope, ids: readonly MessageId[]): Promise<StoredMessage[]> {
  const found = await Promise.all(ids.map((id) => visibleMessage(scope, id)));
  return found.filter((message) => message !== undefined);
}

/** The newest message of a channel that the viewer may see; undefined when there is none. */
export function lastMessage(scope: Scope, channelId: ChannelId): Soon<StoredMessage | undefined> {
  const [soonHead, soonRanges] = [headOf(scope, channelId), numbersSeenIn(scope, channelId)];
  return whenThere(soonHead, (head) =>
    whenThere(soonRanges, (ranges) => head && newestIn(scope, { channelId, ranges, head })),
  );
}

type Seen = { readonly channelId: ChannelId; readonly ranges: readonly NumberRange[]; readonly head: Head };
function newestIn(scope: Scope, { channelId, ranges, head }: Seen): Soon<StoredMessage | undefined> {
  // Numbers are dense, so the newest of a range is its end: in this one, or when nothing came since joining, in an earlier one.
  for (const { after, to } of [...ranges].reverse()) {
    const number = Math.min(to, head.messageCount);
    if (number > after) return messageByNumber(scope, `${channelId}|${number}`);
  }
  return undefined;
}
