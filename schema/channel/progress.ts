import { batched } from '../batched.ts';
import { chatError } from '../errors.ts';
import type { ChannelId, Seq, UserId } from '../ids.ts';
import { maxPage } from '../ports/event-log.arguments.ts';
import type { Stretch } from '../ports/event-log.ts';
import type { ChannelPositions } from '../ports/positions.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { OutlineEvent } from '../stream/event.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { type Counters, foldAll, noCounters, unreadOf } from '../stream/positions/counters.ts';
import { noTicks, type Ticks, ticksBehind, ticksFrom } from '../stream/positions/summary.ts';
import { headOf, viewerMembershipIn } from './channel.ts';

/** Counters as they are stored: the log goes on behind `appliedSeq`. */
export type StoredCounters = {
  readonly channelId: ChannelId;
  readonly counters: Counters;
  readonly appliedSeq: Seq;
};

/** How far somebody is, with all of the log that there is: up to `seq`, with `lastNumber` as the newest message there. */
export type CountersNow = { readonly counters: Counters; readonly lastNumber: number; readonly seq: Seq };

/** Of who is in the channel no more: what has happened there since is not theirs to know. */
const nowhere: CountersNow = Object.freeze({ counters: noCounters, lastNumber: 0, seq: 0 });

/** What a query reads of one channel at most: all but what a server that was just upgraded, or stood still, has to make up for. */
const mostEvents = 10_000;

type StretchKey = `${ChannelId}|${Seq}|${Seq}`;

/** In parts as long as the log gives them. */
function partsOf(key: StretchKey): Stretch[] {
  const [channelId, after, upTo] = key.split('|') as [ChannelId, string, string];
  const parts: Stretch[] = [];
  for (let from = Number(after); from < Number(upTo); from += maxPage)
    parts.push({ channelId, after: from, upTo: Math.min(from + maxPage, Number(upTo)) });
  return parts;
}

/** What is in these stretches, all of them in one read. */
const outlineIn = batched<StretchKey, readonly OutlineEvent[]>(async ({ stream }, keys) => {
  const parts = keys.map(partsOf);
  const asked = parts.flat();
  const found: (readonly OutlineEvent[])[] = [];
  for (let from = 0; from < asked.length; from += maxPage)
    found.push(...(await stream.history.outlines(asked.slice(from, from + maxPage))));
  let taken = 0;
  return new Map(
    keys.map((key, index) => {
      const first = taken;
      taken += parts[index]?.length ?? 0;
      return [key, found.slice(first, taken).flat()];
    }),
  );
});

/** What the log has behind this place, up to its end. Where that is very much, somebody is already taking it into account. */
export const outlineBehind = (
  scope: Scope,
  channelId: ChannelId,
  appliedSeq: Seq,
): Soon<readonly OutlineEvent[]> =>
  whenThere(headOf(scope, channelId), (known) => {
    const head = known?.head ?? 0;
    if (head <= appliedSeq) return [];
    if (head - appliedSeq > mostEvents) {
      scope.stream.catchUp(channelId);
      throw chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
    }
    return whenThere(outlineIn(scope, `${channelId}|${appliedSeq}|${head}`), (events = []) => events);
  });

/** Whether the deletion at this place is the one that counted: two people can delete one message at the same moment. */
export const isFirstDeletion = (scope: Scope, channelId: ChannelId, seq: Seq): Soon<boolean> =>
  whenThere(outlineIn(scope, `${channelId}|${seq - 1}|${seq}`), (events = []) => events.length > 0);

/** These counters as of now. */
export const countersNow = (scope: Scope, userId: UserId, stored: StoredCounters): Soon<Counters> =>
  whenThere(outlineBehind(scope, stored.channelId, stored.appliedSeq), (tail) =>
    foldAll(stored.counters, userId, tail),
  );

/** How far the viewer is in a channel; nowhere when they are in it no more. Throws when they never were. */
export const viewerCountersIn = (scope: Scope, channelId: ChannelId): Soon<CountersNow> =>
  whenThere(viewerMembershipIn(scope, channelId), (membership) => {
    if (membership === undefined) throw new Error('How far somebody is in a channel that they are not in.');
    if (joinedSeqOf(membership) === undefined) return nowhere;
    const { counters, appliedSeq, appliedNumber } = membership.progress;
    return whenThere(outlineBehind(scope, channelId, appliedSeq), (tail) =>
      whenThere(headOf(scope, channelId), (known): CountersNow => {
        const lastNumber = Math.max(appliedNumber, tail.at(-1)?.number ?? 0);
        const seq = Math.max(appliedSeq, known?.head ?? 0);
        return { counters: foldAll(counters, membership.userId, tail), lastNumber, seq };
      }),
    );
  });

/** How many messages the viewer has not read in a channel that they are in. */
export const unreadIn = (scope: Scope, channelId: ChannelId): Soon<number> =>
  whenThere(viewerCountersIn(scope, channelId), ({ counters, lastNumber }) => unreadOf(counters, lastNumber));

const positionsIn = batched<ChannelId, ChannelPositions>(({ stream }, ids) => stream.positions.of(ids));

/**
 * Up to where all others in a channel of the viewer have read and received; null when they are in it no more. One look at a summary,
 * unless people came or went.
 */
export const ticksIn = (scope: Scope, channelId: ChannelId): Soon<Ticks> =>
  whenThere(viewerMembershipIn(scope, channelId), (membership) => {
    if (membership === undefined) throw new Error('The ticks of a channel that the viewer is not in.');
    if (joinedSeqOf(membership) === undefined) return noTicks;
    const { userId, progress } = membership;
    const { summary, counters, appliedSeq, appliedNumber, isShared } = progress;
    const viewer = { id: userId, isSharer: isShared && counters.isPresent };
    return whenThere(
      outlineBehind(scope, channelId, appliedSeq),
      (tail) =>
        (summary && ticksBehind({ summary, appliedNumber }, tail, viewer)) ??
        ticksOneByOne(scope, channelId, userId),
    );
  });

/** The positions are read after the head, so that whoever comes in the log behind them is among them. */
async function ticksOneByOne(scope: Scope, channelId: ChannelId, userId: UserId): Promise<Ticks> {
  await headOf(scope, channelId);
  const stored = await positionsIn(scope, channelId);
  if (stored === undefined) throw new Error('A channel that was asked for is not in the answer.');
  const tail = await outlineBehind(scope, channelId, stored.appliedSeq);
  const positions = stored.positions.map((position) => ({
    ...position,
    counters: foldAll(position.counters, position.userId, tail),
  }));
  return ticksFrom(positions, userId);
}
