import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { userName } from '../../../prisma/embedded/cluster.ts';
import { clusterIn } from '../../../prisma/embedded/place.ts';
import { channelIdOf, memberIdOf, userIdOf } from '../../../schema/ids.ts';
import { eventKinds } from '../../../schema/stream/event.ts';
import { read } from '../client/ask.ts';
import type { LogEntry, Stay } from './history.ts';

type Page = {
  readonly channel: {
    readonly messages: {
      readonly edges: readonly {
        readonly node: {
          readonly number: number;
          readonly text: string | null;
          readonly author: { readonly id: string } | null;
        };
      }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  } | null;
};

const pageDocument = `query History($id: ID!, $after: String) {
  channel(id: $id) {
    messages(first: 100, after: $after) {
      edges { node { number text author { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** A channel's whole history, page by page, as a member reads it. */
export async function readByHistory(
  httpUrl: string,
  { channelId, token }: { readonly channelId: string; readonly token: string },
): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let after: string | null = null;
  let hasNext = true;
  while (hasNext) {
    const variables: { id: string; after: string | null } = { id: channelId, after };
    const { channel }: Page = await read<Page>(httpUrl, { query: pageDocument, variables, token });
    if (channel === null) throw new Error('A member cannot see the channel.');
    const { edges, pageInfo } = channel.messages;
    entries.push(
      ...edges.map(({ node }) => ({ number: node.number, text: node.text, authorId: node.author?.id ?? '' })),
    );
    if (pageInfo.hasNextPage && pageInfo.endCursor === after) throw new Error('History goes in a circle.');
    after = pageInfo.endCursor;
    hasNext = pageInfo.hasNextPage;
  }
  return entries;
}

/** What a database has of an event, and the text of a message as it is now. */
export type LogRow = {
  readonly channel_id: string;
  readonly seq: string;
  readonly kind: number;
  readonly number: string;
  readonly author_id: string;
  readonly nonce: string;
  readonly body: string;
  readonly text: string | null;
};
type MemberRow = { readonly id: string; readonly channel_id: string; readonly user_id: string };

/** Messages, comings and goings. */
const lookedAt: ReadonlySet<number> = new Set([
  ...[eventKinds['message.sent'], eventKinds['member.added'], eventKinds['member.removed']],
]);
const isLookedAt = ({ kind }: LogRow) => lookedAt.has(kind);

/** Every event, ascending in each channel, as `LogRow`. */
export const logStatement = `
  SELECT e.channel_id, e.seq, e.kind, e.number, e.author_id, e.nonce, e.body,
    CASE WHEN s.deleted_at IS NULL THEN coalesce(s.text, e.body) END AS text
  FROM log_event e LEFT JOIN message_state s USING (channel_id, seq)
  ORDER BY e.channel_id, e.seq`;

export type Found = {
  readonly byDatabase: ReadonlyMap<string, readonly LogEntry[]>;
  readonly stays: readonly Stay[];
};

/**
 * Every message that the database has, and who was where, by SQL and nothing of ours in between. Of a log that is kept elsewhere, its
 * rows are given.
 */
export async function readByDatabase(databaseUrl: string, elsewhere?: readonly LogRow[]): Promise<Found> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: '-c default_transaction_read_only=on',
  });
  await client.connect();
  try {
    const rows = (elsewhere ?? (await client.query<LogRow>(logStatement)).rows).filter(isLookedAt);
    const members = await client.query<MemberRow>('SELECT id, channel_id, user_id FROM member');
    const memberIds = new Map(
      members.rows.map(({ id, channel_id, user_id }) => [
        `${channelIdOf(channel_id)} ${userIdOf(user_id)}`,
        memberIdOf(id),
      ]),
    );
    return { byDatabase: messagesIn(rows), stays: staysIn(rows, memberIds) };
  } finally {
    await client.end();
  }
}

function messagesIn(rows: readonly LogRow[]): Map<string, LogEntry[]> {
  const log = new Map<string, LogEntry[]>();
  for (const row of rows) {
    if (row.kind !== eventKinds['message.sent']) continue;
    const channelId = channelIdOf(row.channel_id);
    const entries = log.get(channelId) ?? [];
    log.set(channelId, entries);
    const nonce = row.nonce.replace(/^c:/, '');
    entries.push({ number: Number(row.number), authorId: userIdOf(row.author_id), text: row.text, nonce });
  }
  return log;
}

function staysIn(rows: readonly LogRow[], memberIds: ReadonlyMap<string, string>): Stay[] {
  const stays: Stay[] = [];
  for (const row of rows) {
    if (row.kind === eventKinds['message.sent']) continue;
    const channelId = channelIdOf(row.channel_id);
    const { userId }: { readonly userId: string } = JSON.parse(row.body);
    const [seq, number] = [Number(row.seq), Number(row.number)];
    if (row.kind === eventKinds['member.added']) {
      const memberId = memberIds.get(`${channelId} ${userId}`) ?? '';
      const joined = { joinedSeq: seq, joinedNumber: number, leftSeq: null, leftNumber: null };
      stays.push({ channelId, userId, memberId, ...joined });
      continue;
    }
    const last = stays.findLastIndex((stay) => stay.channelId === channelId && stay.userId === userId);
    const stay = stays[last];
    if (stay === undefined || stay.leftSeq !== null) throw new Error('Somebody left who was not there.');
    stays[last] = { ...stay, leftSeq: seq, leftNumber: number };
  }
  return stays;
}

/** Whoever may read the data folder may read its database: the password lies there, and the port in PostgreSQL's own file. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const place = join(dataDir, 'postgres');
  const password = (await readFile(join(place, 'password'), 'utf8')).trim();
  const [, , , port] = (await readFile(join(clusterIn(place), 'postmaster.pid'), 'utf8')).split('\n');
  return `postgresql://${userName}:${password}@127.0.0.1:${port?.trim()}/postgres`;
}
