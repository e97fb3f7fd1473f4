import { auth, Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CassandraSettings, openCassandra } from '../../prisma/open-cassandra.ts';
import { appendOne, freshChannel, readAll, sent } from '../../schema/ports/event-log-world.contract.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { openCassandraEventLog } from './event-log.cassandra.ts';
import { datacenter, freshKeyspace, installation } from './test/cassandra-logs.ts';

const username = 'parley';
const password = "a 'long' secret";

describe('a Cassandra that knows its users', { timeout: 60_000 }, () => {
  const isThere = requires('cassandra', missingCassandra);
  const keyspace = freshKeyspace();
  let server: CassandraServer;
  let operator: Client;
  beforeAll(async () => {
    if (!isThere) return;
    server = await startCassandra({ knowsUsers: true });
    operator = await signedIn();
    // What docs/operations.md says.
    for (const cql of [
      `CREATE ROLE ${username} WITH LOGIN = true AND PASSWORD = '${password.replaceAll("'", "''")}'`,
      `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${datacenter}': 1}`,
      `GRANT ALL PERMISSIONS ON KEYSPACE ${keyspace} TO ${username}`,
    ])
      await operator.execute(cql);
  }, 150_000);
  afterAll(async () => {
    await operator?.shutdown();
    await server?.close();
  });

  /** Its first user is made some moments after its start. */
  const signedIn = () =>
    vi.waitFor(
      async () => {
        const client = new Client({
          ...{ contactPoints: [server.contactPoint], localDataCenter: datacenter },
          authProvider: new auth.PlainTextAuthProvider('cassandra', 'cassandra'),
        });
        try {
          await client.connect();
        } catch (error) {
          await client.shutdown();
          throw error;
        }
        return client;
      },
      { timeout: 60_000, interval: 250 },
    );

  const settings = (given: Partial<CassandraSettings> = {}): CassandraSettings => ({
    ...{ contactPoints: [server.contactPoint], datacenter, keyspace, installation, ...given },
  });

  it('lets in who has a password, with rights on its own keyspace and nothing else', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    const { client, close } = await openCassandra(settings({ username, password }), { onNotice });
    expect(notices).toEqual([expect.stringContaining('may not see how Cassandra writes its commit log')]);
    const log = await openCassandraEventLog({ client, epoch: async () => 1 });
    const channelId = freshChannel();
    await appendOne(log, channelId, sent('said'));
    expect((await readAll(log, channelId)).map(({ message }) => message?.text)).toEqual(['said']);
    await log.close();
    await close();
  });

  it.for([
    ['nobody in particular', {}],
    ['who has a wrong password', { username, password: 'wrong' }],
    ['who is not known', { username: 'nobody', password }],
  ] as const)('refuses %s, and says which settings to correct', async ([, given]) => {
    await expect(openCassandra(settings(given))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('set CASSANDRA_USERNAME and CASSANDRA_PASSWORD'),
    });
  });

  it('is asked how it writes to disk by who may ask that', async () => {
    await operator.execute(`GRANT SELECT ON system_views.settings TO ${username}`);
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    await (await openCassandra(settings({ username, password }), { onNotice })).close();
    expect(notices).toEqual([]);
  });

  it('says what a user lacks who may not do what is needed', async () => {
    const other = openCassandra(settings({ keyspace: freshKeyspace(), username, password }));
    await expect(other).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(/has no CREATE permission.*: grant it all permissions on the keyspace/),
    });
  });
});
