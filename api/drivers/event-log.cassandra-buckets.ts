import type { Seq } from '../../schema/ids.ts';

/** Places per partition: some megabytes of messages. Never changed for a keyspace, as it says where an event lies. */
export const usualBucketSize = 4_096;

/** Which partition a place lies in, as pure arithmetic. */
export type Buckets = {
  readonly size: number;
  of(seq: Seq): number;
  /** The last place of a bucket. */
  endOf(bucket: number): Seq;
  /** These places by their bucket, each once. */
  group(seqs: Iterable<Seq>): ReadonlyMap<number, readonly Seq[]>;
  /** The stretch `after < seq <= upTo` in pieces, ascending, none of which crosses the end of a bucket. */
  split(after: Seq, upTo: Seq): readonly Piece[];
};
export type Piece = { readonly bucket: number; readonly after: Seq; readonly upTo: Seq };

export function createBuckets(size: number): Buckets {
  const of = (seq: Seq) => Math.floor((seq - 1) / size);
  const endOf = (bucket: number) => (bucket + 1) * size;
  return {
    size,
    of,
    endOf,
    group(seqs) {
      const groups = new Map<number, Seq[]>();
      for (const seq of new Set(seqs)) groups.set(of(seq), [...(groups.get(of(seq)) ?? []), seq]);
      return groups;
    },
    split(after, upTo) {
      const pieces: Piece[] = [];
      for (let from = after; from < upTo; ) {
        const bucket = of(from + 1);
        const to = Math.min(endOf(bucket), upTo);
        pieces.push({ bucket, after: from, upTo: to });
        from = to;
      }
      return pieces;
    },
  };
}
