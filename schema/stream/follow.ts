import type { ChannelId, Seq, UserId } from '../ids.ts';
import type { Interval, Membership } from '../ports/memberships.ts';
import type { LogDelivery, ResetReason } from './delivery.ts';
import type { MemberChange } from './event.ts';
import type { Hub } from './hub.ts';
import { isVisible } from './intervals.ts';

/** Events taken from the hub or the log at a time; nothing else is kept. */
const pageSize = 100;

/** One reader's place in one channel. */
export type Follow = {
  readonly channelId: ChannelId;
  hub: Hub;
  /** Lets go of the hub. */
  release: () => void;
  /** What was sent. */
  pos: Seq;
  intervals: readonly Interval[];
  /** The rows say that the viewer has left: what is still to come before the removal is sent without the channel. */
  isLeaving: boolean;
  /** The channel cannot be replayed from `pos`: this is to be said first. */
  reset: ResetReason | undefined;
  page: readonly LogDelivery[];
  /** How much of the page has been used. */
  used: number;
};

/** The next visible event behind `pos`; undefined when there is none now. Moves `pos` over what is not visible, and over what it returns. */
export async function nextOf(follow: Follow): Promise<LogDelivery | undefined> {
  for (;;) {
    while (follow.used < follow.page.length) {
      const delivery = follow.page[follow.used];
      follow.used += 1;
      if (delivery === undefined || delivery.event.seq <= follow.pos) continue;
      follow.pos = delivery.event.seq;
      if (isVisible(follow.intervals, follow.pos))
        return follow.isLeaving ? { ...delivery, isShared: false } : delivery;
    }
    follow.page = await follow.hub.after(follow.pos, pageSize);
    follow.used = 0;
    if (follow.page.length === 0) return undefined;
  }
}

/** Takes what the rows say now. */
export function renewFollow(follow: Follow, membership: Membership): void {
  follow.intervals = membership.intervals;
  follow.isLeaving = membership.state !== 'ACTIVE';
}

/** What a member event says. Only the server writes these, so a body that is none is a broken log. */
export const memberChangeOf = ({ event }: LogDelivery): MemberChange =>
  JSON.parse(event.body) as MemberChange;

/** Is this the end of what this user may see, for now? */
export const isRemovalOf = (userId: UserId, delivery: LogDelivery): boolean =>
  delivery.event.kind === 'member.removed' && memberChangeOf(delivery).userId === userId;
