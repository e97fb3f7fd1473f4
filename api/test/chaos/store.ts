import pg from 'pg';
import { channelIdOf, messageIdOf, userIdOf } from '../../../schema/ids.ts';
import { eventKinds } from '../../../schema/stream/event.ts';
import { type LogRow, logStatement } from '../smoke/read-log.ts';
import { readTablesByCql } from '../smoke/read-log-cassandra.ts';
import type { Found } from './history.ts';

type Stored = {
  /** Of every kind, ascending in each channel. */
  readonly rows: readonly LogRow[];
  /** By the number of the channel. */
  readonly heads: ReadonlyMap<string, number>;
  readonly epoch: number;
};
type HeadRow = { readonly channel_id: string; readonly head: string };

export type StoreAt = {
  readonly databaseUrl: string;
  /** Where messages are, if not in PostgreSQL. */
  readonly cassandra: { readonly contactPoint: string; readonly keyspace: string } | undefined;
};

/**
 * Every channel as the store has it at one moment, by SQL or CQL and nothing of ours in between. What does not fit together is told as it
 * is: to judge it is somebody else's.
 */
export async function readStore(at: StoreAt, now: () => number): Promise<readonly Found[]> {
  const stored = await readTables(at);
  const byChannel = new Map<string, LogRow[]>([...stored.heads.keys()].map((id) => [id, []]));
  for (const row of stored.rows) {
    const rows = byChannel.get(row.channel_id);
    if (rows === undefined) byChannel.set(row.channel_id, [row]);
    else rows.push(row);
  }
  return [...byChannel].map(([id, rows]) => ({
    ...{ kind: 'found', t: now(), source: 'store' },
    ...{ channelId: channelIdOf(id), headSeq: stored.heads.get(id) ?? 0 },
    ...{ eventCount: rows.length, epoch: stored.epoch },
    messages: rows.flatMap(messageIn),
    memberships: rows.flatMap(changeIn),
  }));
}

async function readTables({ databaseUrl, cassandra }: StoreAt): Promise<Stored> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: '-c default_transaction_read_only=on',
  });
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const installed = await client.query<{ epoch: number }>('SELECT epoch FROM installation');
    const epoch = installed.rows[0]?.epoch ?? 0;
    if (cassandra !== undefined) return { epoch, ...(await readCassandra(cassandra)) };
    const heads = await client.query<HeadRow>('SELECT channel_id, head FROM log_head');
    return {
      epoch,
      heads: new Map(heads.rows.map(({ channel_id, head }) => [channel_id, Number(head)])),
      rows: (await client.query<LogRow>(logStatement)).rows,
    };
  } finally {
    await client.end();
  }
}

async function readCassandra(at: NonNullable<StoreAt['cassandra']>): Promise<Omit<Stored, 'epoch'>> {
  const { rows, heads } = await readTablesByCql(at);
  const newest = new Map<string, number>();
  for (const { channel_id, head } of heads) {
    const id = String(channel_id);
    newest.set(id, Math.max(newest.get(id) ?? 0, Number(head ?? 0)));
  }
  return { rows, heads: newest };
}

function messageIn(row: LogRow): Found['messages'] {
  if (row.kind !== eventKinds['message.sent']) return [];
  const seq = Number(row.seq);
  return [
    {
      ...{ messageId: messageIdOf(channelIdOf(row.channel_id), seq), seq, number: Number(row.number) },
      ...{ authorId: userIdOf(row.author_id), text: row.text, nonce: row.nonce.replace(/^c:/, '') },
    },
  ];
}

function changeIn({ kind, seq, body }: LogRow): NonNullable<Found['memberships']> {
  const isJoining = kind === eventKinds['member.added'];
  if (!isJoining && kind !== eventKinds['member.removed']) return [];
  const { userId }: { readonly userId: string } = JSON.parse(body);
  return [{ seq: Number(seq), userId, change: isJoining ? 'joined' : 'gone' }];
}
