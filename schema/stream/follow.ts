import type { ChannelId, MemberId, Seq, UserId } from '../ids.ts';
import type { Interval, Membership } from '../ports/memberships.ts';
import type { LogDelivery, PositionsDelivery, ResetReason } from './delivery.ts';
import type { ChannelUpdated, MemberChange, StoredMessage } from './event.ts';
import type { Hub, Page } from './hub.ts';
import { isVisible, skipInvisible } from './intervals.ts';

/** One reader's place in one channel. */
export type Follow = {
  readonly channelId: ChannelId;
  hub: Hub;
  /** Lets go of the hub. */
  release: () => void;
  /** What was sent. */
  pos: Seq;
  /** The version of the positions up to which everything was sent. */
  positionsAt: number;
  /** The viewer in the channel. */
  readonly memberId: MemberId;
  intervals: readonly Interval[];
  /** The rows say that the viewer has left: what is still to come before the removal is sent without the channel. */
  isLeaving: boolean;
  /** The channel cannot be replayed from `pos`: this is to be said first. */
  reset: ResetReason | undefined;
  /** Behind the ring: what was read from the log last. */
  page: Page | undefined;
};

/** The next visible event behind `pos`; undefined when there is none now. Moves `pos` over what is not visible, and over what it returns. */
export async function nextOf(follow: Follow): Promise<LogDelivery | undefined> {
  for (;;) {
    const delivery = takeNext(follow);
    if (delivery === undefined) {
      if (!(await turnPage(follow))) return undefined;
      continue;
    }
    const { seq } = delivery.event;
    const isSeen = isVisible(follow.intervals, seq);
    follow.pos = isSeen ? seq : skipInvisible(follow.intervals, seq);
    if (isSeen) return isForAll(follow, delivery) ? delivery : { ...delivery, isShared: false };
  }
}

/**
 * Whether this viewer may see of it what all the others see. An edit or a deletion can be of a message from before they came,
 * and what a message answers can be, too.
 */
const isForAll = ({ isLeaving, intervals }: Follow, { event: { message } }: LogDelivery): boolean =>
  !isLeaving && (message === null || (isVisible(intervals, message.seq) && seesAnswered(intervals, message)));

/** Was what this message answers said while its reader was there? */
export const seesAnswered = (intervals: readonly Interval[], { replyTo }: StoredMessage): boolean =>
  replyTo === null || isVisible(intervals, replyTo.seq);

function takeNext(follow: Follow): LogDelivery | undefined {
  const kept = follow.hub.next(follow.pos);
  if (kept === undefined) return nextInPage(follow);
  follow.page = undefined;
  return kept;
}

/** Not from a page that was read before an edit or deletion passed: the text in it may be gone. */
function nextInPage({ page, hub, pos }: Follow): LogDelivery | undefined {
  const first = page?.deliveries[0]?.event.seq;
  if (page === undefined || first === undefined || page.changes !== hub.changes) return undefined;
  return page.deliveries[pos + 1 - first];
}

async function turnPage(follow: Follow): Promise<boolean> {
  follow.page = undefined;
  const { hub, pos } = follow;
  if (hub.isGone || pos >= hub.pos) return false;
  follow.page = await hub.page(pos);
  return follow.page.deliveries.length > 0;
}

/** Has something at hand that was read for it: to be used up before another page is read. */
export const hasPage = (follow: Follow): boolean => nextInPage(follow) !== undefined;

/**
 * Was the viewer told of their joining, the last one? How far others are has no place in the log, so it could come before that, when
 * the hint of the joining is late: of a channel that the viewer has left, as far as they know.
 */
const hasJoined = ({ intervals, pos }: Follow): boolean =>
  pos >= (intervals.at(-1)?.joinedSeq ?? Number.POSITIVE_INFINITY);

/** Whose positions moved since that was sent; undefined when there is nothing now. */
export async function nextPositions(follow: Follow): Promise<PositionsDelivery | undefined> {
  const { hub, memberId } = follow;
  // Of who is about to leave, it is nobody's business any more.
  while (!hub.isGone && !follow.isLeaving && hasJoined(follow)) {
    const behind = await hub.positions.behind(follow.positionsAt);
    if (behind === undefined) return undefined;
    const { version, delivery } = behind;
    follow.positionsAt = version;
    if (delivery === undefined) continue;
    // Their own is another thing to them than to the others.
    return delivery.memberIds.includes(memberId) ? { ...delivery, isShared: false } : delivery;
  }
  return undefined;
}

/** Takes what the rows say now. */
export function renewFollow(follow: Follow, membership: Membership): void {
  follow.intervals = membership.intervals;
  follow.isLeaving = membership.state !== 'ACTIVE';
}

/** What a member event says. Only the server writes these, so a body that is none is a broken log. */
export const memberChangeOf = ({ event }: Pick<LogDelivery, 'event'>): MemberChange =>
  JSON.parse(event.body) as MemberChange;

/** What a change of the channel itself says: likewise. */
export const channelUpdateOf = ({ event }: LogDelivery): ChannelUpdated =>
  JSON.parse(event.body) as ChannelUpdated;

/** Is this about the viewer, as a member? */
const isAbout = (userId: UserId, delivery: LogDelivery): boolean =>
  delivery.event.kind.startsWith('member.') && memberChangeOf(delivery).userId === userId;

/** An event of the log as this viewer gets it: what is about themselves is not the same to them as to the others. */
export const asSeenBy = (userId: UserId, delivery: LogDelivery): LogDelivery =>
  delivery.isShared && isAbout(userId, delivery) ? { ...delivery, isShared: false } : delivery;

/** Is this the end of what this user may see, for now? */
export const isRemovalOf = (userId: UserId, delivery: LogDelivery): boolean =>
  delivery.event.kind === 'member.removed' && memberChangeOf(delivery).userId === userId;
