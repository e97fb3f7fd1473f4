import { type Client, types } from 'cassandra-driver';
import { openCassandraEventLog } from '../api/drivers/event-log.cassandra.ts';
import { eachAtOnce } from '../api/drivers/event-log.cassandra-at-once.ts';
import { usualBucketSize } from '../api/drivers/event-log.cassandra-buckets.ts';
import { startCassandra } from '../api/test/engines/cassandra.ts';
import { openCassandra } from '../prisma/open-cassandra.ts';
import { type ChannelId, rowIdOf } from '../schema/ids.ts';
import { type EventDraft, eventKinds } from '../schema/stream/event.ts';
import type { Append, Twins } from './append.ts';

const moveHead = `UPDATE log SET head = ?, message_count = ?, last_created_at = ?, change_seq = ?
  WHERE channel_id = ? AND bucket = ?
  IF head = ? AND message_count = ? AND last_created_at = ? AND change_seq = ?`;
const insertNonce =
  'INSERT INTO log (channel_id, bucket, kind, seq, nonce, ref_seq) VALUES (?, ?, 1, 0, ?, ?) IF NOT EXISTS';
const insertEvent = `INSERT INTO log (channel_id, bucket, kind, seq, nonce,
  number, type, author_id, event_nonce, created_at, body) VALUES (?, ?, 0, ?, '', ?, ?, ?, ?, ?, ?)`;
const readIndexed = 'SELECT nonce, seq FROM nonce_index WHERE channel_id = ? AND nonce IN ?';
const insertIndexed = 'INSERT INTO nonce_index (channel_id, nonce, seq) VALUES (?, ?, ?)';

const { localQuorum, localSerial } = types.consistencies;
const plain = { prepare: true, isIdempotent: true, consistency: localQuorum };
const conditional = {
  ...{ prepare: true, isIdempotent: false, logged: false },
  ...{ consistency: localQuorum, serialConsistency: localSerial },
};

/** Where a channel ends, and the nonces of its bucket with their places. */
type End = { head: number; at: number; bucketOfHead: number; nonces: (readonly [string, bigint])[] };

const freshEnd = (): End => ({ head: 0, at: 0, bucketOfHead: -1, nonces: [] });

/** What the condition of a round names; nulls in a bucket that has nothing. */
const conditionOf = (end: End, bucket: number) =>
  end.bucketOfHead === bucket
    ? [BigInt(end.head), BigInt(end.head), new Date(end.at), 0n]
    : [null, null, null, null];

/** The batch of a round of messages. */
function batchOf(channel: bigint, end: End, drafts: readonly EventDraft[]) {
  const [first, now] = [end.head + 1, Math.max(Date.now(), end.at)];
  const [where, head] = [[channel, Math.floor(end.head / usualBucketSize)], end.head + drafts.length];
  const after = [BigInt(head), BigInt(head), new Date(now), 0n];
  const nonces = drafts.map(
    ({ authorId, nonce }, index) => [`${rowIdOf.user(authorId)}:${nonce}`, BigInt(first + index)] as const,
  );
  const events = drafts.map(({ authorId, nonce, body }, index) => {
    const seq = BigInt(first + index);
    const by = [eventKinds['message.sent'], rowIdOf.user(authorId), nonce, new Date(now), body];
    return { query: insertEvent, params: [...where, seq, seq, ...by] };
  });
  const statements = [
    { query: moveHead, params: [...after, ...where, ...conditionOf(end, Number(where[1]))] },
    ...nonces.map((nonce) => ({ query: insertNonce, params: [...where, ...nonce] })),
    ...events,
  ];
  return { statements, nonces, head, now, bucket: Number(where[1]) };
}

/**
 * The statements of rounds that meet nobody else: behind the first bucket the look into the index, the batch, and at the end of a
 * bucket its nonces into the index.
 */
function rawRounds(client: Client): Append {
  const ends = new Map<ChannelId, End>();
  return async (channelId, drafts) => {
    const end = ends.get(channelId) ?? freshEnd();
    ends.set(channelId, end);
    const channel = rowIdOf.channel(channelId);
    const { statements, nonces, head, now, bucket } = batchOf(channel, end, drafts);
    const older = bucket === 0 ? undefined : [channel, nonces.map(([nonce]) => nonce)];
    if (older && (await client.execute(readIndexed, older, plain)).rows.length > 0)
      throw new Error('A bare round was there before.');
    const { rows } = await client.batch(statements, conditional);
    if (rows[0]?.['[applied]'] !== true) throw new Error('A bare round was not applied.');
    end.nonces.push(...nonces);
    Object.assign(end, { head, at: now, bucketOfHead: bucket });
    if (head % usualBucketSize > 0) return;
    const all = end.nonces.splice(0);
    await eachAtOnce(all, (nonce) => client.execute(insertIndexed, [channel, ...nonce], plain));
  };
}

const installation = 'c3a1d3a4-6f7e-4b58-9a51-5f6d8d2f9b20';

/** On a Cassandra of its own, of one node, which writes to disk before it answers. */
export async function openCassandraTwins(): Promise<Twins> {
  const server = await startCassandra();
  const { contactPoint } = server;
  const open = () =>
    openCassandra({
      ...{ contactPoints: [contactPoint], datacenter: 'datacenter1', keyspace: 'bench', installation },
    });
  try {
    const [ours, bare] = [await open(), await open()];
    const log = await openCassandraEventLog({ client: ours.client, epoch: async () => 1 });
    return {
      log,
      raw: rawRounds(bare.client),
      rawIs:
        'the conditional batch by client.batch() of cassandra-driver; looks into the index of nonces and copies into it',
      async close() {
        await log.close();
        for (const { close } of [ours, bare]) await close();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
