import type { ChannelId, Seq } from '../../schema/ids.ts';
import type { Entries } from './event-log.cassandra-entries.ts';
import type { Place } from './event-log.cassandra-places.ts';
import { type Entry, isSent } from './event-log.cassandra-rows.ts';

/** Messages with `after < number < before`: the `limit` smallest or largest of them. */
export type Numbers = {
  readonly after: number;
  readonly before: number;
  readonly take: 'first' | 'last';
  readonly limit: number;
};

/** At least so many places are read at once while numbers are looked for: a jump lands near, not exactly. */
const leastWindow = 16;
const mostWindow = 1_000;

const windowFor = (missing: number) => Math.min(Math.max(missing, leastWindow), mostWindow);

/**
 * Finds messages by number without an index. From one place to the next a number grows by one or not at all, so a message that is
 * n numbers away is at least n places away: each step jumps as far as that, and then reads. Where most events are messages the
 * first jump is right; otherwise each one halves what is left, or better.
 */
export function createNumbers(entries: Entries) {
  async function last(
    channelId: ChannelId,
    place: Place,
    { after, before, limit }: Numbers,
  ): Promise<Entry[]> {
    const top = Math.min(before - 1, place.messageCount);
    const found: Entry[] = [];
    let [bound, number]: [Seq, number] = [place.head, place.messageCount];
    while (found.length < limit && number > after && bound > 0) {
      bound -= Math.max(number - top, 0);
      const size = windowFor(limit - found.length);
      const window = await entries.within(channelId, Math.max(bound - size, 0), bound);
      const isWanted = (entry: Entry) => isSent(entry) && entry.number > after && entry.number <= top;
      found.push(...window.toReversed().filter(isWanted));
      const [lowest] = window;
      if (lowest === undefined) break;
      bound = lowest.seq - 1;
      number = isSent(lowest) ? lowest.number - 1 : lowest.number;
    }
    return found.slice(0, limit).reverse();
  }

  async function first(
    channelId: ChannelId,
    place: Place,
    { after, before, limit }: Numbers,
  ): Promise<Entry[]> {
    const top = Math.min(before - 1, place.messageCount);
    const found: Entry[] = [];
    let [bound, number]: [Seq, number] = [0, 0];
    while (found.length < limit && number < top && bound < place.head) {
      bound += Math.max(after - number, 0);
      const size = windowFor(limit - found.length);
      const window = await entries.within(channelId, bound, Math.min(bound + size, place.head));
      const isWanted = (entry: Entry) => isSent(entry) && entry.number > after && entry.number <= top;
      found.push(...window.filter(isWanted));
      const highest = window.at(-1);
      if (highest === undefined) break;
      bound = highest.seq;
      number = highest.number;
    }
    return found.slice(0, limit);
  }

  return async (channelId: ChannelId, place: Place, numbers: Numbers): Promise<readonly Entry[]> => {
    if (Math.min(numbers.before - 1, place.messageCount) <= numbers.after) return [];
    return numbers.take === 'last' ? last(channelId, place, numbers) : first(channelId, place, numbers);
  };
}
