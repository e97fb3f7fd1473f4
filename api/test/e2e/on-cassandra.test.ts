import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { openCassandra } from '../../../prisma/open-cassandra.ts';
import { makeTempFolder, type TempFolder } from '../../../prisma/temp-folder.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../engines/cassandra.ts';
import { requires } from '../requirements.ts';

const isThere = requires('cassandra', missingCassandra);
let server: CassandraServer;
let folder: TempFolder;
beforeAll(async () => {
  if (!isThere) return;
  server = await startCassandra();
  folder = await makeTempFolder();
}, 150_000);
afterAll(async () => {
  await server?.close();
  await folder?.remove();
});

const start = async (settings: Readonly<Record<string, string>>) =>
  startServerProcess({ from: 'source', folder: folder.path, port: await freePort(), settings });

it('keeps what is said in Cassandra, over a restart, and does not start where it would not be found', {
  timeout: 240_000,
}, async () => {
  const onCassandra = { CASSANDRA_CONTACT_POINTS: server.contactPoint, DEMO: 'on' };
  // The demo people join a channel and say something before the server is ready.
  const first = await start(onCassandra);
  expect(await first.stop()).toBe(0);
  const second = await start(onCassandra);
  expect(await second.stop()).toBe(0);
  await expect(start({ DEMO: 'on' })).rejects.toThrow('are in Cassandra: set CASSANDRA_CONTACT_POINTS');
  const other = openCassandra({
    ...{ contactPoints: [server.contactPoint], datacenter: 'datacenter1', keyspace: 'parley' },
    installation: '5a2d1f6e-3f0b-4c4e-9a53-0d6c8f1b7a10',
  });
  await expect(other).rejects.toThrow('belongs to another installation');
});
