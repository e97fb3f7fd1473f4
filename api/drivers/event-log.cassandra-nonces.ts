import { type ChannelId, rowIdOf, type Seq } from '../../schema/ids.ts';
import type { EventDraft } from '../../schema/stream/event.ts';
import { createSharedReads, eachAtOnce } from './event-log.cassandra-at-once.ts';
import type { Place, Places } from './event-log.cassandra-places.ts';
import type { CassandraStore } from './event-log.cassandra-store.ts';

/** As a nonce is stored: an author has it to themselves. */
export const nonceOf = ({ authorId, nonce }: Pick<EventDraft, 'authorId' | 'nonce'>) =>
  `${rowIdOf.user(authorId)}:${nonce}`;

/** Places of events by their stored nonces. */
export type Found = ReadonlyMap<string, Seq>;

type InBucket = {
  readonly bucket: number;
  readonly nonces: readonly string[];
  /** After whatever is being decided there now. */
  readonly isSerial?: boolean;
};

/** Which nonces are in the log. */
export type Nonces = {
  /** In the buckets before this one, all of which are full. To be asked after the bucket is known to be the one in use. */
  inOlder(channelId: ChannelId, bucket: number, nonces: readonly string[]): Promise<Found>;
  /** In this bucket. */
  inBucket(channelId: ChannelId, { bucket, nonces, isSerial }: InBucket): Promise<Found>;
  /** Where it goes on behind a bucket that is full: all nonces of that one are in the index then. */
  behind(channelId: ChannelId, full: Place): Promise<Place>;
};

export type NonceParts = {
  readonly store: CassandraStore;
  readonly places: Places;
  /** Waits for this long. */
  readonly pause: (ms: number) => Promise<unknown>;
};

/** Between two looks whether another process has copied. */
const mostPauseMs = 40;
/** Longer than several claims last: then it is done here, whoever else may be at it. */
const mostLooks = 500;

/** The next bucket, in which nothing was written yet. */
const behindIt = (full: Place): Place => ({ ...full, bucket: full.bucket + 1, isOpened: false });

/**
 * Within a bucket a nonce refuses to be written twice. Those of full buckets are copied into an index before the next one has its
 * first event, so that they are found there for ever. A full bucket does not change any more: whoever copies it copies the same.
 */
export function createNonces({ store, places, pause }: NonceParts): Nonces {
  const { buckets, look, isFull } = places;
  const shared = createSharedReads<Place>();

  /** As many as the bucket has places: that is all of them, whoever else may still be trying something there. */
  const nonceRows = async (channelId: ChannelId, bucket: number) => {
    const values = [rowIdOf.channel(channelId), bucket];
    const rows = await store.read('read_all_nonces', values);
    if (rows.length === buckets.size) return rows;
    // Ends what is still being decided.
    const place = await look(channelId, bucket, true);
    if (place === undefined || !isFull(place))
      throw new Error(`Bucket ${bucket} of ${channelId} is not full.`);
    const again = await store.read('read_all_nonces', values);
    if (again.length === buckets.size) return again;
    throw new Error(`Bucket ${bucket} of ${channelId} has ${again.length} nonces, not ${buckets.size}.`);
  };

  const copy = async (channelId: ChannelId, bucket: number) => {
    const channel = rowIdOf.channel(channelId);
    const rows = await nonceRows(channelId, bucket);
    await eachAtOnce(rows, ({ nonce, ref_seq }) => store.write('write_index', [channel, nonce, ref_seq]));
    await store.write('write_copied', [channel, bucket]);
  };

  /**
   * Lets one process copy, and waits until that is done; its claim ends if it has died. Whether it goes on into the next bucket is
   * its own business: perhaps what it came with is refused.
   */
  const close = async (channelId: ChannelId, full: Place): Promise<Place> => {
    const { bucket } = full;
    const opened = await look(channelId, bucket + 1);
    if (opened !== undefined) return opened;
    const values = [rowIdOf.channel(channelId), bucket];
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const claim = await store.claim(values);
      if (claim === 'ours') break;
      if (claim === 'done') return (await look(channelId, bucket + 1)) ?? behindIt(full);
      await pause(Math.random() * mostPauseMs);
    }
    await copy(channelId, bucket);
    return behindIt(full);
  };

  return {
    async inOlder(channelId, bucket, nonces) {
      if (bucket === 0 || nonces.length === 0) return new Map();
      const rows = await store.read('read_index', [rowIdOf.channel(channelId), [...nonces]]);
      return new Map(rows.map(({ nonce, seq }) => [nonce, Number(seq)]));
    },
    async inBucket(channelId, { bucket, nonces, isSerial }) {
      const values = [rowIdOf.channel(channelId), bucket, [...nonces]];
      const rows = await store.read('read_nonces', values, isSerial);
      return new Map(rows.map(({ nonce, ref_seq }) => [nonce, Number(ref_seq)]));
    },
    async behind(channelId, full) {
      // A copy goes on when whoever asked for it has given up, and is joined by whoever asks again.
      return shared(`${channelId} ${full.bucket}`, () => close(channelId, full));
    },
  };
}
