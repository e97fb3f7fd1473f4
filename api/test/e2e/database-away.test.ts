import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { ask } from '../client/ask.ts';
import { createGroup, signUp } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { openClusterPostgres } from '../cluster/cluster-postgres.ts';
import { closeAtEnd } from './running.ts';
import { type ChatEvent, followEvents } from './talk.ts';

/** A server over a PostgreSQL that can be stopped. */
async function world() {
  const folder = await makeTempFolder();
  closeAtEnd({ close: folder.remove });
  const dataDir = join(folder.path, 'data');
  const postgres = closeAtEnd(
    await openClusterPostgres({ dataDir, maxConnections: 40, onNotice: () => undefined }),
  );
  const settings = { DATABASE_URL: postgres.url, LOG_LEVEL: 'silent' };
  const port = await freePort();
  const server = await startServerProcess({ from: 'source', folder: folder.path, port, settings });
  closeAtEnd({ close: server.stop });
  const ann = await signUp(server.httpUrl, 'ann');
  return { postgres, server, ann };
}

const codesOf = ({
  errors = [],
}: {
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}) => errors.map(({ extensions }) => extensions?.code);

const isCaughtUp = ({ __typename }: ChatEvent) => __typename === 'CaughtUp';

describe('a database that is away', { timeout: 120_000 }, () => {
  it('is no failure of the server, but a reason to ask again', async () => {
    const { postgres, server, ann } = await world();
    const token = ann.session.accessToken;
    const query = '{ viewer { user { id } channels(first: 1) { edges { node { id } } } } }';
    const mutation = `mutation { updateProfile(input: { displayName: "Ann" }) { __typename } }`;
    await postgres.stop();
    for (const asked of [query, mutation]) {
      const answer = await ask(server.httpUrl, { query: asked, token });
      expect(codesOf(answer), JSON.stringify(answer)).toEqual(['UNAVAILABLE']);
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(503);
    await postgres.startAgain();
    for (const asked of [query, mutation])
      expect(codesOf(await ask(server.httpUrl, { query: asked, token }))).toEqual([]);
  });

  it('is waited for by whoever subscribes meanwhile', async () => {
    const { postgres, server, ann } = await world();
    await createGroup(server.httpUrl, ann, { name: 'Quiet', members: [] });
    const client = openStockClient({
      socketUrl: server.socketUrl,
      token: () => ann.session.accessToken,
      retryAttempts: 1_000,
    });
    closeAtEnd({ close: () => closeClient(client) });
    // The socket is there before.
    await followEvents(client).find(isCaughtUp);
    await postgres.stop();
    const feed = followEvents(client);
    await postgres.startAgain();
    await feed.find(isCaughtUp);
  });
});
