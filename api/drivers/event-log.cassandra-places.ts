import type { ChannelId, Seq } from '../../schema/ids.ts';
import { rowIdOf } from '../../schema/ids.ts';
import type { Head } from '../../schema/ports/event-log.ts';
import type { Buckets } from './event-log.cassandra-buckets.ts';
import type { CassandraStore, Row } from './event-log.cassandra-store.ts';

/** Where the next event of a channel goes, and what the condition of its round has to name. */
export type Place = Head & {
  readonly bucket: number;
  /** Place of the newest edit or deletion; 0 when there was none. */
  readonly changeSeq: Seq;
  /** False for a bucket in which nothing was ever written: its condition names nulls. */
  readonly isOpened: boolean;
};

export const firstPlace: Place = Object.freeze({
  ...{ bucket: 0, head: 0, messageCount: 0, lastCreatedAt: 0, changeSeq: 0, isOpened: false },
});

/** The place that a row with the static columns tells of; undefined when it has none of them. */
export function placeOfRow(row: Row | undefined, bucket: number): Place | undefined {
  if (row === undefined || row.head === null || row.head === undefined) return undefined;
  return Object.freeze({
    ...{ bucket, isOpened: true, head: Number(row.head), messageCount: Number(row.message_count) },
    ...{ lastCreatedAt: row.last_created_at.getTime(), changeSeq: Number(row.change_seq) },
  });
}

/** So many channels are remembered: what is forgotten costs two reads. */
const mostRemembered = 20_000;

/** Where the logs of channels end. */
export type Places = {
  readonly buckets: Buckets;
  isFull(place: Place): boolean;
  /** As it was when this process last heard of it: good enough for a condition, which says when it is not. */
  remembered(channelId: ChannelId): Place | undefined;
  remember(channelId: ChannelId, place: Place): void;
  forget(channelId?: ChannelId): void;
  /** As of a moment after the call. `isSerial`: after whatever is being decided now. */
  find(channelId: ChannelId, isSerial?: boolean): Promise<Place>;
  /** A bucket as it is; undefined when nothing was ever written in it. */
  look(channelId: ChannelId, bucket: number, isSerial?: boolean): Promise<Place | undefined>;
  /** Tells everybody where to begin to look. */
  hint(channelId: ChannelId, bucket: number): Promise<void>;
};

export function createPlaces(store: CassandraStore, buckets: Buckets): Places {
  const known = new Map<ChannelId, Place>();
  const isFull = ({ bucket, head }: Place) => head === buckets.endOf(bucket);
  const remember = (channelId: ChannelId, place: Place) => {
    known.delete(channelId);
    known.set(channelId, place);
    if (known.size <= mostRemembered) return;
    const [oldest] = known.keys();
    if (oldest !== undefined) known.delete(oldest);
  };
  /**
   * A look that began before a round ended says where the log was then. What is known since stays: the next round would lose its race
   * against the one before it.
   */
  const learn = (channelId: ChannelId, found: Place) => {
    const before = known.get(channelId);
    if (before === undefined || before.head <= found.head) remember(channelId, found);
  };
  const look: Places['look'] = async (channelId, bucket, isSerial) => {
    const [row] = await store.read('read_place', [rowIdOf.channel(channelId), bucket], isSerial);
    return placeOfRow(row, bucket);
  };
  const hint: Places['hint'] = (channelId, bucket) =>
    // A hint that is lost is too low, which costs a read.
    store.write('write_hint', [BigInt(bucket), bucket, rowIdOf.channel(channelId)]).catch(() => undefined);

  /** Up from where a bucket is known to be, or was said to be. */
  const findFrom = async (channelId: ChannelId, from: number, isSerial: boolean) => {
    let place = await look(channelId, from, isSerial);
    if (place === undefined) return undefined;
    while (isFull(place)) {
      const next = await look(channelId, place.bucket + 1, isSerial);
      if (next === undefined) break;
      place = next;
    }
    return place;
  };
  const hinted = async (channelId: ChannelId) => {
    const [row] = await store.read('read_hint', [rowIdOf.channel(channelId)]);
    return Number(row?.bucket ?? 0);
  };

  return {
    ...{ buckets, isFull, remember, look, hint },
    remembered: (channelId) => known.get(channelId),
    forget: (channelId) => {
      if (channelId === undefined) known.clear();
      else known.delete(channelId);
    },
    async find(channelId, isSerial = false) {
      const before = known.get(channelId)?.bucket;
      let place = before === undefined ? undefined : await findFrom(channelId, before, isSerial);
      if (place === undefined) {
        const from = await hinted(channelId);
        place = (await findFrom(channelId, from, isSerial)) ?? (await findFrom(channelId, 0, isSerial));
        if (place !== undefined && place.bucket > from) await hint(channelId, place.bucket);
      }
      if (place === undefined) return firstPlace;
      learn(channelId, place);
      return place;
    },
  };
}
