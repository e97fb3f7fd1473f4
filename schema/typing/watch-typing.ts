import { chatError } from '../errors.ts';
import { type ChannelId, typeOfId, type UserId } from '../ids.ts';
import type { ViewerScope } from '../scope.ts';
import { joinedSeqOf } from '../stream/intervals.ts';
import { createEnd, createPulledReader, listenUntil, pullPatiently } from '../stream/pulled-reader.ts';
import type { Reader } from '../stream/stream.ts';
import { createWaker } from '../stream/waker.ts';
import type { TypingTold } from './open-typing.ts';

/** What is told and not yet taken, by person and channel. More than that at once is on no screen. */
const maxWaiting = 1_000;
/** Ends with whoever asked; without that, never by itself. */
const never = new AbortController().signal;

/**
 * Who else writes in these channels. Of a channel that the viewer is not in nothing is told, for as long as they are not. Nothing
 * is queued but the last word of each, and that only while it is true. Rejects with `BAD_USER_INPUT` for more channels than the
 * server lets anybody watch, and with `RATE_LIMITED` for who watches too many already.
 */
export async function watchTyping(
  scope: ViewerScope,
  channelIds: readonly ChannelId[],
): Promise<Reader<TypingTold>> {
  const { typing, clock, viewer, limits, signal = never } = scope;
  const distinct = [...new Set(channelIds)];
  if (distinct.length > limits.presenceWatch)
    throw chatError('BAD_USER_INPUT', `\`channelIds\` has at most ${limits.presenceWatch} entries.`);
  // An id of anything else is no channel's, and will be none's.
  const watched = distinct.filter((id) => typeOfId(id) === 'Channel');
  const leave = typing.shares.take(viewer.id, watched.length);
  const waiting = new Map<string, TypingTold>();
  const end = createEnd(signal);
  end.whenOver(leave);
  const waker = createWaker(end);

  function onTold(told: TypingTold): void {
    if (told.userId === viewer.id || told.hiddenFrom.includes(viewer.id)) return;
    const key = `${told.channelId} ${told.userId}`;
    waiting.delete(key);
    const [oldest] = waiting.keys();
    if (waiting.size >= maxWaiting && oldest !== undefined) waiting.delete(oldest);
    waiting.set(key, told);
    waker.onNews();
  }

  async function pull(): Promise<TypingTold | undefined> {
    while (!end.isOver()) {
      const [next] = waiting;
      if (next === undefined) await waker.wait();
      else {
        const [place, told] = next;
        waiting.delete(place);
        const isIn = await pullPatiently(() => isMember(scope, viewer.id, told.channelId), clock, end);
        const isOver = told.isTyping && told.validUntil <= clock.now();
        if (isIn && !isOver) return told;
      }
    }
    return undefined;
  }

  await listenUntil(
    end,
    watched.map((channelId) => () => typing.listen(channelId, onTold)),
  );
  return createPulledReader(end, pull);
}

/** At this moment, or up to 2 s ago where another server removed them. */
const isMember = async ({ stream }: ViewerScope, userId: UserId, channelId: ChannelId): Promise<boolean> =>
  joinedSeqOf(await stream.membershipOf(userId, channelId)) !== undefined;
