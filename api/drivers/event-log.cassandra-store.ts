import { type Client, policies, types } from 'cassandra-driver';
import { noteCassandraFailure } from '../../prisma/cassandra-away.ts';

const { localQuorum, localSerial } = types.consistencies;

/** What every part of the log's own answers has. */
const eventColumns = 'seq, number, type, author_id, event_nonce, created_at, body, ref_seq, change_before';
const inBucket = 'channel_id = ? AND bucket = ?';

const reads = {
  /** A row of statics even where there is no event; none where nothing was ever written. */
  read_place: `SELECT DISTINCT channel_id, bucket, head, message_count, last_created_at, change_seq
    FROM log WHERE ${inBucket}`,
  read_events: `SELECT ${eventColumns} FROM log WHERE ${inBucket} AND kind = 0 AND seq > ? AND seq <= ?`,
  read_events_at: `SELECT ${eventColumns} FROM log WHERE ${inBucket} AND kind = 0 AND seq IN ?`,
  read_nonces: `SELECT nonce, ref_seq FROM log WHERE ${inBucket} AND kind = 1 AND seq = 0 AND nonce IN ?`,
  read_all_nonces: `SELECT nonce, ref_seq FROM log WHERE ${inBucket} AND kind = 1`,
  read_index: 'SELECT nonce, seq FROM nonce_index WHERE channel_id = ? AND nonce IN ?',
  read_states: `SELECT seq, text, revision, edited_at, deleted_at, deleted_seq
    FROM message_state WHERE ${inBucket} AND seq IN ?`,
  read_edits: `SELECT seq, deleted_seq, edits FROM message_state WHERE ${inBucket} AND seq IN ?`,
  read_state_head: 'SELECT state_seq FROM message_state_head WHERE channel_id = ?',
  read_hint: 'SELECT bucket FROM bucket_hint WHERE channel_id = ?',
} as const;

/** Each may be repeated: it writes the same again, with the same timestamp or to the same value. */
const writes = {
  write_index: 'INSERT INTO nonce_index (channel_id, nonce, seq) VALUES (?, ?, ?)',
  write_edit: `UPDATE message_state USING TIMESTAMP ? SET text = ?, revision = ?, edited_at = ?, edits = edits + ?
    WHERE ${inBucket} AND seq = ?`,
  write_deletion: `UPDATE message_state USING TIMESTAMP ? SET text = '', revision = ?, deleted_at = ?, deleted_seq = ?
    WHERE ${inBucket} AND seq = ?`,
  write_revision: `UPDATE message_state USING TIMESTAMP ? SET revision = ? WHERE ${inBucket} AND seq = ?`,
  write_state_head: 'UPDATE message_state_head USING TIMESTAMP ? SET state_seq = ? WHERE channel_id = ?',
  write_copied: `UPDATE bucket_closing SET is_copied = true WHERE ${inBucket}`,
  write_hint: 'UPDATE bucket_hint USING TIMESTAMP ? SET bucket = ? WHERE channel_id = ?',
} as const;

/** Cells that a round has written are changed by a condition of their own. */
const eraseBody = `UPDATE log SET body = '' WHERE ${inBucket} AND kind = 0 AND seq = ? AND nonce = '' IF EXISTS`;

/** In seconds: a bucket is copied in one or two. */
const claimSeconds = 3;
const claimBucket = `INSERT INTO bucket_closing (channel_id, bucket, is_claimed) VALUES (?, ?, true)
  IF NOT EXISTS USING TTL ${claimSeconds}`;

export type ReadName = keyof typeof reads;
export type WriteName = keyof typeof writes;
export type Query = { readonly query: string; readonly params: readonly unknown[] };
export type Row = types.Row;

/**
 * How long to wait for an answer, in milliseconds: longer than Cassandra itself does (2 s for a write, 5 s for a read), as its own
 * answer says more than silence.
 */
const readTimeoutMs = 7_000;
const writeTimeoutMs = 4_000;
/** Above what a bucket can have, so that an answer is always whole. */
const fetchSize = 5_000;

/** Repeats nothing: what became of a round is for the round to find out. */
const rethrow = new policies.retry.RetryPolicy();
const asItIs = () => rethrow.rethrowResult();
Object.assign(rethrow, {
  ...{ onReadTimeout: asItIs, onWriteTimeout: asItIs, onUnavailable: asItIs, onRequestError: asItIs },
});
const repeatable = { prepare: true, isIdempotent: true };
const conditional = {
  ...{ prepare: true, isIdempotent: false, retry: rethrow, readTimeout: writeTimeoutMs },
  ...{ consistency: localQuorum, serialConsistency: localSerial },
};

/** The statements of the log, each with its consistency, its patience, and whether the client may repeat it by itself. */
export type CassandraStore = {
  /** `isSerial`: after whatever is being decided now, at the price of a decision of its own. */
  read(name: ReadName, values: readonly unknown[], isSerial?: boolean): Promise<readonly Row[]>;
  write(name: WriteName, values: readonly unknown[]): Promise<void>;
  /** One conditional batch; the rows of its answer. */
  commit(queries: readonly Query[]): Promise<readonly Row[]>;
  erase(values: readonly unknown[]): Promise<void>;
  /** Who copies the nonces of a full bucket: it is ours to do for some seconds, or somebody else's, or is done. */
  claim(values: readonly unknown[]): Promise<'ours' | 'theirs' | 'done'>;
};

export function createStore(client: Client): CassandraStore {
  const run = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      noteCassandraFailure(error);
      throw error;
    }
  };
  return {
    async read(name, values, isSerial = false) {
      const consistency = isSerial ? localSerial : localQuorum;
      const options = { ...repeatable, readTimeout: readTimeoutMs, consistency, fetchSize };
      return (await run(client.execute(reads[name], [...values], options))).rows;
    },
    async write(name, values) {
      const options = { ...repeatable, readTimeout: writeTimeoutMs, consistency: localQuorum };
      await run(client.execute(writes[name], [...values], options));
    },
    async commit(queries) {
      const batch = queries.map(({ query, params }) => ({ query, params: [...params] }));
      return (await run(client.batch(batch, { ...conditional, logged: false }))).rows;
    },
    async erase(values) {
      await run(client.execute(eraseBody, [...values], conditional));
    },
    async claim(values) {
      const { rows } = await run(client.execute(claimBucket, [...values], conditional));
      const [row] = rows;
      if (row?.['[applied]'] === true) return 'ours';
      return row?.is_copied === true ? 'done' : 'theirs';
    },
  };
}
