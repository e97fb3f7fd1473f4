import pg from 'pg';
import { channelIdOf, messageIdOf, userIdOf } from '../../../schema/ids.ts';
import { eventKinds } from '../../../schema/stream/event.ts';
import type { Found } from '../chaos/history.ts';

type Row = {
  readonly channel_id: string;
  readonly seq: string;
  readonly number: string;
  readonly kind: number;
  readonly author_id: string;
  readonly nonce: string;
  readonly body: string;
};

const statement = `SELECT channel_id, seq, number, kind, author_id, nonce, body FROM log_event
  WHERE kind IN (1, 4, 5) ORDER BY channel_id, seq, created_at`;

/** Every channel as the store has it, by SQL and nothing of ours in between. */
export async function readStore(databaseUrl: string): Promise<Found[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(statement);
    const ids = [...new Set(rows.map(({ channel_id }) => channel_id))];
    return ids.map((id) =>
      foundIn(
        id,
        rows.filter(({ channel_id }) => channel_id === id),
      ),
    );
  } finally {
    await client.end();
  }
}

function foundIn(id: string, rows: readonly Row[]): Found {
  const channelId = channelIdOf(id);
  const messages = rows.flatMap(({ kind, seq, number, author_id, nonce, body }) => {
    if (kind !== eventKinds['message.sent']) return [];
    const place = {
      seq: Number(seq),
      number: Number(number),
      messageId: messageIdOf(channelId, Number(seq)),
    };
    return [{ ...place, authorId: userIdOf(author_id), text: body, nonce: nonce.slice(2) }];
  });
  const memberships = rows.flatMap(({ kind, seq, body }) => {
    if (kind === eventKinds['message.sent']) return [];
    const { userId }: { readonly userId: string } = JSON.parse(body);
    const change = kind === eventKinds['member.added'] ? ('joined' as const) : ('gone' as const);
    return [{ seq: Number(seq), userId, change }];
  });
  return { kind: 'found', t: performance.now(), source: 'store', channelId, messages, memberships };
}
