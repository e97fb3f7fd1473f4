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

/** `after < seq <= upTo`. */
type Stretch = { readonly after: Seq; readonly upTo: Seq };

/** At least so many places are read at once while numbers are looked for: a jump lands near, not exactly. */
const leastWindow = 16;
const mostWindow = 1_000;

const windowFor = (missing: number) => Math.min(Math.max(missing, leastWindow), mostWindow);

/**
 * Finds messages by number without an index. From one place to the next a number grows by one or not at all, so a message that is
 * n numbers away is at least n places away: each step jumps as far as that, and then reads. Where most events are messages the
 * first jump is right. A window without a message that is wanted may be one of very many, as somebody may edit without end: what
 * is left is halved then until the next message is found, so a page costs some twenty reads for each message at most.
 */
export function createNumbers(entries: Entries) {
  const read = async (channelId: ChannelId, { after, upTo }: Stretch, numbers: Numbers) => {
    const window = await entries.within(channelId, after, upTo);
    const isWanted = (entry: Entry) =>
      isSent(entry) && entry.number > numbers.after && entry.number < numbers.before;
    return { lowest: window[0], highest: window.at(-1), wanted: window.filter(isWanted) };
  };

  /** Where the message with this number is: somewhere in `after < seq <= upTo`. */
  async function placeOf(channelId: ChannelId, number: number, { after, upTo }: Stretch): Promise<Seq> {
    let [below, at] = [Math.max(after, number - 1), upTo];
    while (at - below > 1) {
      const middle = Math.floor((below + at) / 2);
      const entry = (await entries.at(channelId, [middle])).get(middle);
      if (entry === undefined) throw new Error(`Place ${middle} of the event log is missing.`);
      if (entry.number < number) below = middle;
      else at = middle;
    }
    return at;
  }

  async function last(channelId: ChannelId, place: Place, numbers: Numbers): Promise<Entry[]> {
    const { after, before, limit } = numbers;
    const top = Math.min(before - 1, place.messageCount);
    const found: Entry[] = [];
    let [bound, number]: [Seq, number] = [place.head, place.messageCount];
    while (found.length < limit && number > after && bound > 0) {
      bound -= Math.max(number - top, 0);
      const size = windowFor(limit - found.length);
      const window = { after: Math.max(bound - size, 0), upTo: bound };
      const { lowest, wanted } = await read(channelId, window, numbers);
      if (lowest === undefined) break;
      found.push(...wanted.reverse());
      bound = lowest.seq - 1;
      number = isSent(lowest) ? lowest.number - 1 : lowest.number;
      if (wanted.length > 0 || number <= after) continue;
      number = Math.min(number, top);
      bound = await placeOf(channelId, number, { after: 0, upTo: bound });
    }
    return found.slice(0, limit).reverse();
  }

  async function first(channelId: ChannelId, place: Place, numbers: Numbers): Promise<Entry[]> {
    const { after, before, limit } = numbers;
    const top = Math.min(before - 1, place.messageCount);
    const found: Entry[] = [];
    let [bound, number]: [Seq, number] = [0, 0];
    while (found.length < limit && number < top && bound < place.head) {
      bound += Math.max(after - number, 0);
      const size = windowFor(limit - found.length);
      const window = { after: bound, upTo: Math.min(bound + size, place.head) };
      const { highest, wanted } = await read(channelId, window, numbers);
      if (highest === undefined) break;
      found.push(...wanted);
      bound = highest.seq;
      number = highest.number;
      if (wanted.length > 0 || number >= top) continue;
      number = Math.max(number, after);
      bound = (await placeOf(channelId, number + 1, { after: bound, upTo: place.head })) - 1;
    }
    return found.slice(0, limit);
  }

  return async (channelId: ChannelId, place: Place, numbers: Numbers): Promise<readonly Entry[]> => {
    if (Math.min(numbers.before - 1, place.messageCount) <= numbers.after) return [];
    return numbers.take === 'last' ? last(channelId, place, numbers) : first(channelId, place, numbers);
  };
}
