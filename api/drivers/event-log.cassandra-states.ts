import { type ChannelId, rowIdOf, type Seq } from '../../schema/ids.ts';
import { createSharedReads, eachAtOnce } from './event-log.cassandra-at-once.ts';
import type { Buckets } from './event-log.cassandra-buckets.ts';
import type { Entries } from './event-log.cassandra-entries.ts';
import { type Entry, type State, stateOf } from './event-log.cassandra-rows.ts';
import type { CassandraStore } from './event-log.cassandra-store.ts';

/** What edits and deletions made of messages. */
export type States = {
  /**
   * Brings it up to date with the log up to here: what is there already is left, and what somebody who died did not write is
   * written. Whoever answers with a message has waited for this.
   */
  settle(channelId: ChannelId, changeSeq: Seq): Promise<void>;
  /** Of those of these messages that were changed. */
  of(channelId: ChannelId, seqs: Iterable<Seq>): Promise<ReadonlyMap<Seq, State>>;
  forget(): void;
};

/** So many channels are remembered: what is forgotten costs a read. */
const mostRemembered = 20_000;

/** What a message is known to be while changes of it are applied, one after the other. */
type Changed = { deletedSeq: Seq; readonly edits: Set<Seq> };

/**
 * Writes with the place of the change as their timestamp, each following from the log up to there and from nothing else: whoever
 * writes them, however late and in whatever order, it comes to the same. A text is gone before its deletion is answered.
 */
export function createStates(store: CassandraStore, buckets: Buckets, entries: Entries): States {
  const settled = new Map<ChannelId, Seq>();
  const wanted = new Map<ChannelId, Seq>();
  const shared = createSharedReads<void>();
  const remember = (channelId: ChannelId, seq: Seq) => {
    if (seq <= (settled.get(channelId) ?? 0)) return;
    settled.delete(channelId);
    settled.set(channelId, seq);
    const [oldest] = settled.keys();
    if (settled.size > mostRemembered && oldest !== undefined) settled.delete(oldest);
  };
  const placeOf = (channelId: ChannelId, seq: Seq) => [
    ...[rowIdOf.channel(channelId), buckets.of(seq), BigInt(seq)],
  ];

  const readGroups = async (
    name: 'read_states' | 'read_edits',
    channelId: ChannelId,
    seqs: Iterable<Seq>,
  ) => {
    const rows = await eachAtOnce([...buckets.group(seqs)], ([bucket, group]) =>
      store.read(name, [rowIdOf.channel(channelId), bucket, group.map(BigInt)]),
    );
    return rows.flat();
  };

  /** The edits and deletions behind `after`, up to `changeSeq`: each names the one before it. */
  const changesBetween = async (channelId: ChannelId, after: Seq, changeSeq: Seq): Promise<Entry[]> => {
    const changes: Entry[] = [];
    for (let seq = changeSeq; seq > after; ) {
      const change = (await entries.at(channelId, [seq])).get(seq);
      if (change === undefined) throw new Error(`Place ${seq} of the event log is missing.`);
      changes.push(change);
      seq = change.changeBefore;
    }
    return changes.reverse();
  };

  const changedBefore = async (channelId: ChannelId, changes: readonly Entry[]) => {
    const targets = changes.map(({ refSeq }) => refSeq ?? 0);
    const changed = new Map<Seq, Changed>();
    for (const row of await readGroups('read_edits', channelId, targets)) {
      const edits = new Set<Seq>((row.edits ?? []).map(Number));
      changed.set(Number(row.seq), {
        deletedSeq: Number(row.deleted_seq ?? Number.POSITIVE_INFINITY),
        edits,
      });
    }
    return changed;
  };

  const apply = async (channelId: ChannelId, change: Entry, message: Changed): Promise<readonly Seq[]> => {
    const { seq, kind, createdAt, body } = change;
    const [big, at] = [BigInt(seq), placeOf(channelId, change.refSeq ?? 0)];
    if (message.deletedSeq < seq) {
      await store.write('write_revision', [big, big, ...at]);
      return kind === 'message.edited' ? [seq] : [];
    }
    if (kind === 'message.edited') {
      message.edits.add(seq);
      await store.write('write_edit', [big, body, big, new Date(createdAt), [big], ...at]);
      return [];
    }
    message.deletedSeq = seq;
    await store.write('write_deletion', [big, big, new Date(createdAt), big, ...at]);
    return [change.refSeq ?? 0, ...message.edits];
  };

  const applyAll = async (channelId: ChannelId, changes: readonly Entry[]) => {
    const changed = await changedBefore(channelId, changes);
    for (const change of changes) {
      const target = change.refSeq ?? 0;
      const message = changed.get(target) ?? { deletedSeq: Number.POSITIVE_INFINITY, edits: new Set<Seq>() };
      changed.set(target, message);
      const toErase = await apply(channelId, change, message);
      await eachAtOnce(toErase, (seq) => store.erase(placeOf(channelId, seq)));
    }
  };

  /** Brought up to date up to the furthest place that anybody waits for. */
  const settleWanted = async (channelId: ChannelId) => {
    const changeSeq = wanted.get(channelId) ?? 0;
    wanted.delete(channelId);
    const channel = rowIdOf.channel(channelId);
    const [row] = await store.read('read_state_head', [channel]);
    const stateSeq = Number(row?.state_seq ?? 0);
    if (stateSeq < changeSeq) {
      await applyAll(channelId, await changesBetween(channelId, stateSeq, changeSeq));
      await store.write('write_state_head', [BigInt(changeSeq), BigInt(changeSeq), channel]);
    }
    remember(channelId, Math.max(stateSeq, changeSeq));
  };

  return {
    async settle(channelId, changeSeq) {
      if ((settled.get(channelId) ?? 0) >= changeSeq) return;
      wanted.set(channelId, Math.max(wanted.get(channelId) ?? 0, changeSeq));
      await shared(channelId, () => settleWanted(channelId));
    },
    async of(channelId, seqs) {
      const rows = await readGroups('read_states', channelId, seqs);
      return new Map(rows.map((row) => [Number(row.seq), stateOf(row)]));
    },
    forget: () => settled.clear(),
  };
}
