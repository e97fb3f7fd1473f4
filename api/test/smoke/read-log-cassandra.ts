import { Client, types } from 'cassandra-driver';
import type { LogRow } from './read-log.ts';

/** As the driver gives the columns that are asked for here. */
type EventRow = {
  readonly channel_id: bigint;
  readonly seq: bigint;
  readonly number: bigint;
  readonly type: number;
  readonly author_id: bigint;
  readonly event_nonce: string;
  readonly body: string;
};
type NonceRow = { readonly channel_id: bigint; readonly nonce: string; readonly ref_seq: bigint };
type HeadRow = { readonly channel_id: bigint; readonly head: bigint | null };
type StateRow = {
  readonly channel_id: bigint;
  readonly seq: bigint;
  readonly text: string | null;
  readonly deleted_at: Date | null;
};

/** Each reads a whole table: the log of a run is small. */
const statements = {
  events:
    'SELECT channel_id, seq, number, type, author_id, event_nonce, body FROM log WHERE kind = 0 ALLOW FILTERING',
  nonces: 'SELECT channel_id, nonce, ref_seq FROM log WHERE kind = 1 ALLOW FILTERING',
  heads: 'SELECT DISTINCT channel_id, bucket, head FROM log',
  states: 'SELECT channel_id, seq, text, deleted_at FROM message_state',
} as const;

/** What a page of rows takes on a busy computer. */
const readTimeout = 60_000;
const fetchSize = 1_000;

/** Where a Cassandra is, and which keyspace has the log. */
export type CassandraLogAt = { readonly contactPoint: string; readonly keyspace: string };

/**
 * The log as CQL finds it in Cassandra, nothing of ours in between: messages as they are now, comings and goings, in the order of their
 * places. Throws when the places of a channel are not 1 … head, or an event and the row that keeps its nonce do not belong together.
 */
export async function readLogByCql(at: CassandraLogAt): Promise<readonly LogRow[]> {
  const { rows, ...stored } = await readTablesByCql(at);
  checkWhole(stored);
  return rows;
}

/** The same, as it is, and what else there is of it. */
export async function readTablesByCql({
  contactPoint,
  keyspace,
}: CassandraLogAt): Promise<Stored & { readonly rows: readonly LogRow[] }> {
  const client = new Client({
    ...{ contactPoints: [contactPoint], localDataCenter: 'datacenter1', keyspace },
    encoding: { useBigIntAsLong: true },
  });
  const all = async <T>(statement: string): Promise<T[]> => {
    const consistency = types.consistencies.localQuorum;
    const options = { prepare: true, fetchSize, readTimeout, consistency };
    const rows: T[] = [];
    for await (const row of await client.execute(statement, [], options)) rows.push(row as types.Row & T);
    return rows;
  };
  try {
    await client.connect();
    const [events, nonces] = [await all<EventRow>(statements.events), await all<NonceRow>(statements.nonces)];
    const heads = await all<HeadRow>(statements.heads);
    return { events, nonces, heads, rows: rowsOf(events, await all<StateRow>(statements.states)) };
  } finally {
    await client.shutdown();
  }
}

type Stored = {
  readonly events: readonly EventRow[];
  readonly nonces: readonly NonceRow[];
  readonly heads: readonly HeadRow[];
};

const placeOf = ({ channel_id, seq }: Pick<EventRow, 'channel_id' | 'seq'>) => `${channel_id} ${seq}`;

/** What the judge cannot see, as it looks at messages only. */
export function checkWhole({ events, nonces, heads }: Stored): void {
  const ends = new Map<bigint, bigint>();
  for (const { channel_id, head } of heads)
    if (head !== null && head > (ends.get(channel_id) ?? 0n)) ends.set(channel_id, head);
  const counts = new Map<bigint, bigint>();
  for (const { channel_id } of events) counts.set(channel_id, (counts.get(channel_id) ?? 0n) + 1n);
  const places = new Set(events.map(placeOf));
  for (const [channel, head] of ends) {
    if (counts.get(channel) !== head) throw new Error(`Channel ${channel} has not as many events as places.`);
    for (let seq = 1n; seq <= head; seq += 1n)
      if (!places.has(placeOf({ channel_id: channel, seq })))
        throw new Error(`Channel ${channel} has a hole at ${seq}.`);
  }
  const kept = new Map(nonces.map((row) => [placeOf({ ...row, seq: row.ref_seq }), row.nonce]));
  for (const event of events)
    if (kept.get(placeOf(event)) !== `${event.author_id}:${event.event_nonce}`)
      throw new Error(`The nonce of place ${placeOf(event)} is not kept.`);
  if (nonces.length !== events.length) throw new Error('There are nonces without events.');
}

/** In the columns that PostgreSQL has, too. */
function rowsOf(events: readonly EventRow[], states: readonly StateRow[]): LogRow[] {
  const changed = new Map(states.map((state) => [placeOf(state), state]));
  const textOf = (event: EventRow) => {
    const state = changed.get(placeOf(event));
    if (state === undefined) return event.body;
    return state.deleted_at === null ? state.text : null;
  };
  return events
    .toSorted((a, b) => Number(a.channel_id - b.channel_id || a.seq - b.seq))
    .map((event) => ({
      ...{ channel_id: String(event.channel_id), seq: String(event.seq), number: String(event.number) },
      ...{ author_id: String(event.author_id), kind: event.type, nonce: event.event_nonce },
      ...{ body: event.body, text: textOf(event) },
    }));
}
