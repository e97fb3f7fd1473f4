import { DatabaseError, type Pool, type QueryResultRow } from 'pg';
import { type ChannelId, channelIdOf, rowIdOf } from '../../schema/ids.ts';
import {
  checkLimit,
  checkRound,
  checkStretches,
  closedRange,
  notAMessage,
  staleRevision,
} from '../../schema/ports/event-log.arguments.ts';
import {
  appendTimeoutMs,
  type EventLog,
  type Head,
  type Heads,
  type MessageKey,
  type MessageRange,
  type MessagesPage,
  OutcomeUnknownError,
  type Stretch,
} from '../../schema/ports/event-log.ts';
import type { OutlineEvent, StoredMessage } from '../../schema/stream/event.ts';
import { type AppendedRow, appendedOf, roundOf } from './event-log.round.ts';
import {
  type EntryRow,
  eventOf,
  messageOf,
  messageOfRow,
  type OutlineRow,
  outlineOf,
} from './event-log.rows.ts';
import { isPassing, readTimeoutMs, type TimedQuery, withConnection } from './postgres-connection.ts';

/** What `append_events` raises for what names no message, and for an edit that insists on another revision. */
const refusalOf = new Map([
  ['PA001', notAMessage],
  ['PA002', staleRevision],
]);

/** A page, and behind it what its messages answer, of what is not in it: each found by its place. */
function pageWithAnswered(order: string): string {
  return `WITH page AS (
      SELECT * FROM log_entry WHERE channel_id = $1 AND kind = 1 AND number > $2 AND number < $3
      ORDER BY ${order} LIMIT $4
    )
    SELECT false AS is_answered, p.* FROM page p
    UNION ALL
    SELECT true, a.* FROM (
      SELECT reply_seq FROM page WHERE $5::boolean AND reply_seq IS NOT NULL EXCEPT SELECT seq FROM page
    ) w CROSS JOIN LATERAL (SELECT * FROM log_entry e WHERE e.channel_id = $1 AND e.seq = w.reply_seq LIMIT 1) a`;
}

const statements = {
  append_events: 'SELECT * FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9)',
  read_events: 'SELECT * FROM log_entry WHERE channel_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq',
  read_heads: `SELECT i.epoch, h.channel_id, h.head, h.message_count,
      date_part('epoch', h.last_created_at) * 1000 AS last_created_ms
    FROM installation i LEFT JOIN log_head h ON h.channel_id = ANY ($1::bigint[])`,
  first_messages: pageWithAnswered('number'),
  last_messages: pageWithAnswered('number DESC'),
  // A null finds nothing, so one of the two halves answers.
  messages_at: `SELECT k.place, m.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
      WITH ORDINALITY AS k (channel_id, seq, number, place)
    CROSS JOIN LATERAL (
      (SELECT * FROM log_entry e WHERE e.channel_id = k.channel_id AND e.seq = k.seq AND e.kind = 1 LIMIT 1)
      UNION ALL
      (SELECT * FROM log_entry e WHERE e.channel_id = k.channel_id AND e.number = k.number AND e.kind = 1 LIMIT 1)
    ) m`,
  // Of two deletions of one message, the one that counted.
  read_outlines: `SELECT s.place, e.seq, e.number, e.kind, coalesce(m.author_id, e.author_id) AS author_id,
      m.number AS message_number, c.deleted_seq, CASE WHEN e.kind IN (4, 5) THEN e.body END AS body
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
      WITH ORDINALITY AS s (channel_id, after, up_to, place)
    CROSS JOIN LATERAL (
      SELECT * FROM log_event e WHERE e.channel_id = s.channel_id AND e.seq > s.after AND e.seq <= s.up_to LIMIT 1000
    ) e
    LEFT JOIN LATERAL (
      SELECT o.author_id, o.number FROM log_event o
      WHERE e.kind = 3 AND o.channel_id = s.channel_id AND o.seq = e.ref_seq LIMIT 1
    ) m ON true
    LEFT JOIN LATERAL (
      SELECT d.deleted_seq FROM message_state d
      WHERE d.channel_id = s.channel_id AND d.seq = CASE e.kind WHEN 1 THEN e.seq WHEN 3 THEN e.ref_seq END LIMIT 1
    ) c ON true
    WHERE e.kind IN (1, 4, 5) OR (e.kind = 3 AND c.deleted_seq = e.seq)
    ORDER BY s.place, e.seq`,
  find_nonce: 'SELECT * FROM log_entry WHERE channel_id = $1 AND author_id = $2 AND nonce = $3',
} as const;
type StatementName = keyof typeof statements;

/**
 * The event log in PostgreSQL: the lock of the head row gives the order, and a round is one transaction in one round trip, the
 * function `append_events`. The pool may be shared, and stays open: who opened it closes it.
 */
export async function openPostgresEventLog({ pool }: { readonly pool: Pool }): Promise<EventLog> {
  const run = createRunner(pool);
  const commit = (values: unknown[]) =>
    run.query<AppendedRow>('append_events', values, { timeoutMs: appendTimeoutMs, explain: outcomeOf });
  const read = <R extends QueryResultRow>(name: StatementName, values: unknown[]) =>
    run.query<R>(name, values, { timeoutMs: readTimeoutMs });
  return {
    async append(channelId, drafts, now) {
      checkRound(drafts, now);
      return appendedOf(channelId, drafts, await commit(roundOf(channelId, drafts, now)));
    },
    async read(channelId, after, limit) {
      checkLimit(limit);
      const values = [rowIdOf.channel(channelId), after, after + limit];
      return (await read<EntryRow>('read_events', values)).map((row) => eventOf(row, channelId));
    },
    async heads(channelIds) {
      return headsOf(channelIds, await read<HeadRow>('read_heads', [channelIds.map(rowIdOf.channel)]));
    },
    async messages(channelId, range) {
      const rows = await read<PageRow>(`${range.take}_messages`, pageOf(channelId, range));
      return pageOfRows(rows, channelId);
    },
    async messagesAt(keys) {
      const rows = await read<EntryRow & { readonly place: string }>('messages_at', keysOf(keys));
      const found: (StoredMessage | undefined)[] = keys.map(() => undefined);
      for (const row of rows) found[Number(row.place) - 1] = messageOfRow(row);
      return found;
    },
    async findNonce(channelId, authorId, nonce) {
      const values = [rowIdOf.channel(channelId), rowIdOf.user(authorId), nonce];
      const [row] = await read<EntryRow>('find_nonce', values);
      return row && eventOf(row, channelId);
    },
    async outlines(stretches) {
      checkStretches(stretches);
      if (stretches.length === 0) return [];
      return outlinesOf(stretches, await read<OutlineRow>('read_outlines', valuesOf(stretches)));
    },
    close: run.close,
  };
}

/** Tells a caller's mistake from an outcome that nobody knows. */
function outcomeOf(error: unknown): unknown {
  const refusal = error instanceof DatabaseError && refusalOf.get(error.code ?? '');
  if (refusal) return refusal();
  if (!isPassing(error)) return error;
  return new OutcomeUnknownError('PostgreSQL did not say what became of a round.', { cause: error });
}

type HeadRow = {
  readonly epoch: number;
  readonly channel_id: string | null;
  readonly head: string;
  readonly message_count: string;
  readonly last_created_ms: number;
};
const emptyHead: Head = Object.freeze({ head: 0, messageCount: 0, lastCreatedAt: 0 });

function headsOf(channelIds: readonly ChannelId[], rows: readonly HeadRow[]): Heads {
  const [first] = rows;
  if (!first) throw new Error('The row that names the installation is missing.');
  const heads = new Map(channelIds.map((channelId) => [channelId, emptyHead]));
  for (const row of rows) {
    if (row.channel_id === null) continue;
    const [head, messageCount] = [Number(row.head), Number(row.message_count)];
    const lastCreatedAt = Math.round(row.last_created_ms);
    heads.set(channelIdOf(row.channel_id), Object.freeze({ head, messageCount, lastCreatedAt }));
  }
  return { epoch: first.epoch, heads };
}

function pageOf(channelId: ChannelId, range: MessageRange): unknown[] {
  const { after, before } = closedRange(range);
  return [rowIdOf.channel(channelId), after, before, range.limit, range.alsoAnswered ?? false];
}

type PageRow = EntryRow & { readonly is_answered: boolean };
function pageOfRows(rows: readonly PageRow[], channelId: ChannelId): MessagesPage {
  const found = (isAnswered: boolean) =>
    rows.filter((row) => row.is_answered === isAnswered).map((row) => messageOf(row, channelId));
  return { messages: found(false).sort((a, b) => a.number - b.number), answered: found(true) };
}

const keysOf = (keys: readonly MessageKey[]): unknown[] => [
  keys.map(({ channelId }) => rowIdOf.channel(channelId)),
  keys.map((key) => ('seq' in key ? key.seq : null)),
  keys.map((key) => ('number' in key ? key.number : null)),
];

const valuesOf = (stretches: readonly Stretch[]): unknown[] => [
  stretches.map(({ channelId }) => rowIdOf.channel(channelId)),
  stretches.map(({ after }) => after),
  stretches.map(({ upTo }) => upTo),
];

function outlinesOf(stretches: readonly Stretch[], rows: readonly OutlineRow[]): OutlineEvent[][] {
  const outlines: OutlineEvent[][] = stretches.map(() => []);
  for (const row of rows) outlines[Number(row.place) - 1]?.push(outlineOf(row));
  return outlines;
}

/** How long to wait for an answer, and what a failure means. */
type Patience = { readonly timeoutMs: number; readonly explain?: (error: unknown) => unknown };

/** Runs statements on connections of the pool, and knows which are on their way. */
function createRunner(pool: Pool) {
  const onTheirWay = new Set<Promise<unknown>>();
  let isOpen = true;

  return {
    async query<R extends QueryResultRow>(name: StatementName, values: unknown[], patience: Patience) {
      if (!isOpen) throw new Error('The event log is closed.');
      const answer = withConnection(pool, patience.timeoutMs, async (client, query_timeout) => {
        const query: TimedQuery = { name, text: statements[name], values, query_timeout };
        return client.query<R>(query);
      });
      onTheirWay.add(answer);
      try {
        return (await answer).rows;
      } catch (error) {
        throw patience.explain?.(error) ?? error;
      } finally {
        onTheirWay.delete(answer);
      }
    },
    /** Nothing is on its way for longer than its patience, so this ends. */
    async close() {
      isOpen = false;
      await Promise.allSettled(onTheirWay);
    },
  };
}
