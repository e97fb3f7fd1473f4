import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { userName } from '../../../prisma/embedded/cluster.ts';
import { clusterIn } from '../../../prisma/embedded/place.ts';
import { channelIdOf, userIdOf } from '../../../schema/ids.ts';
import { eventKinds } from '../../../schema/stream/event.ts';
import { read } from '../client/ask.ts';
import type { Log, LogEntry } from './history.ts';

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

type Row = {
  readonly channel_id: string;
  readonly number: string;
  readonly author_id: string;
  readonly nonce: string;
  readonly body: string;
};

/** Every sent message that the database has, by SQL and nothing of ours in between. */
export async function readByDatabase(databaseUrl: string): Promise<Log> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: '-c default_transaction_read_only=on',
  });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(
      'SELECT channel_id, number, author_id, nonce, body FROM log_event WHERE kind = $1 ORDER BY channel_id, seq',
      [eventKinds['message.sent']],
    );
    const log = new Map<string, LogEntry[]>();
    for (const row of rows) {
      const channelId = channelIdOf(row.channel_id);
      const entries = log.get(channelId) ?? [];
      log.set(channelId, entries);
      const nonce = row.nonce.replace(/^c:/, '');
      entries.push({ number: Number(row.number), authorId: userIdOf(row.author_id), text: row.body, nonce });
    }
    return log;
  } finally {
    await client.end();
  }
}

/** Whoever may read the data folder may read its database: the password lies there, and the port in PostgreSQL's own file. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const place = join(dataDir, 'postgres');
  const password = (await readFile(join(place, 'password'), 'utf8')).trim();
  const [, , , port] = (await readFile(join(clusterIn(place), 'postmaster.pid'), 'utf8')).split('\n');
  return `postgresql://${userName}:${password}@127.0.0.1:${port?.trim()}/postgres`;
}
