import { type ChannelId, rowIdOf, type Seq } from '../../schema/ids.ts';
import { eachAtOnce } from './event-log.cassandra-at-once.ts';
import type { Buckets, Piece } from './event-log.cassandra-buckets.ts';
import { type Entry, entryOf } from './event-log.cassandra-rows.ts';
import type { CassandraStore } from './event-log.cassandra-store.ts';

/** The log's events as they are stored, by their places. */
export type Entries = {
  /** All of `after < seq <= upTo`, ascending, which the log is known to have. */
  within(channelId: ChannelId, after: Seq, upTo: Seq): Promise<readonly Entry[]>;
  /** Those of these places, which the log is known to have. */
  at(channelId: ChannelId, seqs: Iterable<Seq>): Promise<ReadonlyMap<Seq, Entry>>;
};

/**
 * What is known to be there and is not found was acknowledged by some copies only, and is asked for once more, serially: that ends
 * what was left half done. What is missing then is lost, and nothing may be read past it.
 */
export function createEntries(store: CassandraStore, buckets: Buckets): Entries {
  const readPiece = async (channelId: ChannelId, { bucket, after, upTo }: Piece) => {
    const values = [rowIdOf.channel(channelId), bucket, BigInt(after), BigInt(upTo)];
    const count = upTo - after;
    let rows = await store.read('read_events', values);
    if (rows.length < count) rows = await store.read('read_events', values, true);
    if (rows.length !== count) throw new Error(`The event log of ${channelId} has a hole behind ${after}.`);
    return rows.map(entryOf).reverse();
  };
  const readAt = async (channelId: ChannelId, [bucket, seqs]: readonly [number, readonly Seq[]]) => {
    const values = [rowIdOf.channel(channelId), bucket, seqs.map(BigInt)];
    let rows = await store.read('read_events_at', values);
    if (rows.length < seqs.length) rows = await store.read('read_events_at', values, true);
    if (rows.length !== seqs.length) throw new Error(`The event log of ${channelId} has a hole.`);
    return rows.map(entryOf);
  };
  return {
    async within(channelId, after, upTo) {
      const pieces = buckets.split(after, upTo);
      return (await eachAtOnce(pieces, (piece) => readPiece(channelId, piece))).flat();
    },
    async at(channelId, seqs) {
      const found = await eachAtOnce([...buckets.group(seqs)], (group) => readAt(channelId, group));
      return new Map(found.flat().map((entry) => [entry.seq, entry]));
    },
  };
}
