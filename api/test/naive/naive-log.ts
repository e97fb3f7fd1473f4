import type { Pool, QueryResultRow } from 'pg';
import { type ChannelId, channelIdOf, rowIdOf, serverAuthorId } from '../../../schema/ids.ts';
import {
  type Appended,
  appendTimeoutMs,
  type EventLog,
  type Heads,
  type MessageKey,
  OutcomeUnknownError,
  StaleRevisionError,
} from '../../../schema/ports/event-log.ts';
import {
  type EventDraft,
  eventKinds,
  type LogEvent,
  type StoredMessage,
} from '../../../schema/stream/event.ts';
import { newEvent } from '../../drivers/event-log.round.ts';
import { type EntryRow, eventOf, messageOfRow } from '../../drivers/event-log.rows.ts';
import {
  isPassing,
  readTimeoutMs,
  type TimedQuery,
  withConnection,
} from '../../drivers/postgres-connection.ts';
import type { RedisConnection } from '../../drivers/redis-connection.ts';

export type NaiveLogSettings = {
  /** The product's own over the same tables, for everything but what is naive here. */
  readonly log: EventLog;
  readonly pool: Pool;
  readonly redis: RedisConnection;
  /** For tests: between taking a number and writing the row, where a server may be slow, or may be killed. */
  readonly beforeInsert?: ((draft: EventDraft) => Promise<void>) | undefined;
};

/** What a channel has behind an id, as somebody asks for it who comes back. */
export type NaiveLog = EventLog & {
  readonly after: (channelId: ChannelId, seq: number, limit: number) => Promise<readonly LogEvent[]>;
};

const columns = '(channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)';
const values = '($1, $2, $3, $4, $5, $6, to_timestamp($7::double precision / 1000), $8, $9)';
const insert = `INSERT INTO log_event ${columns} VALUES ${values}`;

const statements = {
  send: insert,
  sayOnce: `${insert} ON CONFLICT (channel_id, author_id, nonce) WHERE author_id = 0 DO NOTHING`,
  edit: `WITH e AS (${insert} RETURNING *)
    INSERT INTO message_state AS s (channel_id, seq, text, revision, edited_at)
    SELECT channel_id, ref_seq, body, seq, created_at FROM e
    ON CONFLICT (channel_id, seq) DO UPDATE
    SET text = EXCLUDED.text, revision = EXCLUDED.revision, edited_at = EXCLUDED.edited_at WHERE s.deleted_at IS NULL`,
  remove: `WITH e AS (${insert} RETURNING *), m AS (
      UPDATE log_event o SET body = '' FROM e
      WHERE o.channel_id = e.channel_id AND (o.seq = e.ref_seq OR (o.ref_seq = e.ref_seq AND o.kind = 2))
    )
    INSERT INTO message_state AS s (channel_id, seq, text, revision, deleted_at)
    SELECT channel_id, ref_seq, NULL, seq, created_at FROM e
    ON CONFLICT (channel_id, seq) DO UPDATE
    SET text = NULL, revision = EXCLUDED.revision, deleted_at = coalesce(s.deleted_at, EXCLUDED.deleted_at)`,
  written: `SELECT * FROM log_entry WHERE channel_id = $1 AND author_id = $2 AND nonce = $3 ORDER BY seq DESC LIMIT 1`,
  revision: `SELECT coalesce((SELECT revision FROM message_state WHERE channel_id = $1 AND seq = $2), $2) AS revision`,
  nearest: `(SELECT * FROM log_entry WHERE channel_id = $1 AND kind = 1 AND number >= $2 ORDER BY number LIMIT 1)
    UNION ALL
    (SELECT * FROM log_entry WHERE channel_id = $1 AND kind = 1 AND number < $2 ORDER BY number DESC LIMIT 1)`,
  after: 'SELECT * FROM log_entry WHERE channel_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
  heads: `SELECT i.epoch, c.id AS channel_id, e.seq, e.number, date_part('epoch', e.created_at) * 1000 AS created_ms
    FROM installation i LEFT JOIN unnest($1::bigint[]) AS c (id) ON true LEFT JOIN LATERAL (
      SELECT * FROM log_event o WHERE o.channel_id = c.id ORDER BY o.seq DESC LIMIT 1
    ) e ON true`,
} as const;

/**
 * The log of most chats: a number from Redis, then a row, and nobody waits for whoever has a smaller number. What a client sends
 * again is another message. It does not keep the promises of `EventLog`; that is what it is for.
 */
export function createNaiveLog({ log, pool, redis, beforeInsert }: NaiveLogSettings): NaiveLog {
  const query = async <R extends QueryResultRow>(
    name: keyof typeof statements,
    parameters: unknown[],
    timeoutMs = readTimeoutMs,
  ) =>
    withConnection(pool, timeoutMs, async (client, query_timeout) => {
      const text = statements[name];
      const timed: TimedQuery = { name: `naive_${name}`, text, values: parameters, query_timeout };
      return client.query<R>(timed);
    });

  async function findWritten(channelId: ChannelId, { authorId, nonce }: EventDraft): Promise<LogEvent> {
    const parameters = [rowIdOf.channel(channelId), rowIdOf.user(authorId), nonce];
    const [row] = (await query<EntryRow>('written', parameters)).rows;
    if (row === undefined) throw new Error('A row that was written is not there.');
    return eventOf(row, channelId);
  }

  async function checkRevision(channelId: ChannelId, { ifRevision, refSeq }: EventDraft): Promise<void> {
    if (ifRevision === undefined) return;
    const parameters = [rowIdOf.channel(channelId), refSeq];
    const { rows } = await query<{ revision: string }>('revision', parameters);
    if (Number(rows[0]?.revision) !== ifRevision) throw new StaleRevisionError('It was edited meanwhile.');
  }

  async function appendOne(channelId: ChannelId, draft: EventDraft, now: number): Promise<Appended> {
    await checkRevision(channelId, draft);
    const place = await takePlace(redis, channelId, draft);
    await beforeInsert?.(draft);
    const row = rowOf(channelId, draft, { ...place, createdAt: now });
    const { rowCount } = await query(statementOf(draft), row, appendTimeoutMs);
    const isNew = draft.refSeq === undefined && rowCount === 1;
    const event = isNew
      ? newEvent(channelId, draft, { ...place, createdAt: now })
      : await findWritten(channelId, draft);
    return { event, deduplicated: rowCount === 0 && draft.refSeq === undefined };
  }

  /** A number that was taken and never used is in no message; the one behind it stands for it, or else the one before it. */
  async function nearest(key: MessageKey): Promise<StoredMessage | undefined> {
    if (!('number' in key)) return undefined;
    const { rows } = await query<EntryRow>('nearest', [rowIdOf.channel(key.channelId), key.number]);
    return rows[0] && messageOfRow(rows[0]);
  }

  return {
    ...log,
    async messagesAt(keys) {
      const found = await log.messagesAt(keys);
      return Promise.all(keys.map((key, index) => found[index] ?? nearest(key)));
    },
    async append(channelId, drafts, now) {
      const appended: Appended[] = [];
      try {
        for (const draft of drafts) appended.push(await appendOne(channelId, draft, now));
      } catch (cause) {
        if (cause instanceof StaleRevisionError || !isPassing(cause)) throw cause;
        throw new OutcomeUnknownError('Nobody knows what became of it.', { cause });
      }
      return appended;
    },
    async after(channelId, seq, limit) {
      const { rows } = await query<EntryRow>('after', [rowIdOf.channel(channelId), seq, limit]);
      return rows.map((row) => eventOf(row, channelId));
    },
    async heads(channelIds) {
      return headsOf((await query<HeadRow>('heads', [channelIds.map(rowIdOf.channel)])).rows);
    },
    findNonce: async () => undefined,
  };
}

/** Two servers that ask at once get two numbers, in the order of asking; of when their rows are there, that says nothing. */
async function takePlace({ commands }: RedisConnection, channelId: ChannelId, { kind }: EventDraft) {
  const [seqKey, numberKey] = [`naive:seq:${channelId}`, `naive:number:${channelId}`];
  const both = commands
    .multi()
    .incr(seqKey)
    .incrby(numberKey, kind === 'message.sent' ? 1 : 0);
  const [seq, number] = (await both.exec()) ?? [];
  if (typeof seq?.[1] !== 'number' || typeof number?.[1] !== 'number')
    throw new Error('Redis gave no number.', { cause: seq?.[0] ?? number?.[0] });
  return { seq: seq[1], number: number[1] };
}

function statementOf({ kind, authorId }: EventDraft): keyof typeof statements {
  if (kind === 'message.edited') return 'edit';
  if (kind === 'message.deleted') return 'remove';
  return authorId === serverAuthorId ? 'sayOnce' : 'send';
}

const rowOf = (
  channelId: ChannelId,
  { kind, authorId, nonce, body, refSeq }: EventDraft,
  { seq, number, createdAt }: Pick<LogEvent, 'seq' | 'number' | 'createdAt'>,
): unknown[] => [
  rowIdOf.channel(channelId),
  ...[seq, number, eventKinds[kind]],
  ...[rowIdOf.user(authorId), nonce, createdAt, kind === 'message.deleted' ? '' : body, refSeq ?? null],
];

type HeadRow = {
  readonly epoch: number;
  readonly channel_id: string | null;
  readonly seq: string | null;
  readonly number: string | null;
  readonly created_ms: number | null;
};

function headsOf(rows: readonly HeadRow[]): Heads {
  const found = rows.flatMap(({ channel_id, seq, number, created_ms }) => {
    if (channel_id === null) return [];
    const lastCreatedAt = Math.round(created_ms ?? 0);
    return [
      [channelIdOf(channel_id), { head: Number(seq), messageCount: Number(number), lastCreatedAt }] as const,
    ];
  });
  return { epoch: rows[0]?.epoch ?? 0, heads: new Map(found) };
}
