import { randomUUID } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copiesProblem } from '../../prisma/cassandra-keyspace.ts';
import { migrateCassandra } from '../../prisma/migrate-cassandra.ts';
import { type CassandraSettings, openCassandra } from '../../prisma/open-cassandra.ts';
import { packageRoot } from '../../prisma/package-root.ts';
import { makeTempFolder } from '../../prisma/temp-folder.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { datacenter, freshKeyspace, installation } from './test/cassandra-logs.ts';

describe('Cassandra, when it is opened', () => {
  const isThere = requires('cassandra', missingCassandra);
  let server: CassandraServer;
  beforeAll(async () => {
    if (isThere) server = await startCassandra({ commitLog: 'periodic' });
  }, 150_000);
  afterAll(() => server?.close());

  const settings = (given: Partial<CassandraSettings> = {}): CassandraSettings => ({
    ...{
      contactPoints: [server.contactPoint],
      datacenter,
      keyspace: freshKeyspace(),
      installation,
      ...given,
    },
  });

  it('gets its keyspace and tables, and says how many copies there are, and what is not safe', async () => {
    const notices: string[] = [];
    const { applied, close } = await openCassandra(settings(), {
      onNotice: (notice) => notices.push(notice),
    });
    await close();
    expect(applied).toEqual(['0001-event-log.cql']);
    expect(notices).toEqual([
      expect.stringContaining('with 1 copy of everything'),
      expect.stringContaining('commitlog_sync: periodic'),
    ]);
  });

  it('gets no keyspace as long as nodes are missing, which would have no copy of anything then', async () => {
    const early = settings({ contactPoints: [server.contactPoint, '127.0.0.2:1', '127.0.0.3:1'] });
    await expect(openCassandra(early)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('has 1 of the 3 nodes in CASSANDRA_CONTACT_POINTS'),
    });
    await (await openCassandra({ ...early, contactPoints: [server.contactPoint] })).close();
    const notices: string[] = [];
    const again = await openCassandra(early, { onNotice: (notice) => notices.push(notice) });
    await again.close();
    expect(notices).toEqual([expect.stringContaining('commitlog_sync: periodic')]);
  });

  it.for([
    { nodes: 1, copies: 1, problem: undefined },
    { nodes: 3, copies: 3, problem: undefined },
    { nodes: 6, copies: 3, problem: undefined },
    { nodes: 3, copies: 1, problem: 'has 1 copy of everything on 3 nodes: give it 3' },
    { nodes: 2, copies: 0, problem: 'has 0 copies of everything on 2 nodes: give it 2' },
  ])('with $copies copies on $nodes nodes says what to do: $problem', ({ nodes, copies, problem }) => {
    const said = copiesProblem({ keyspace: 'parley', nodes, copies });
    expect(said).toEqual(problem === undefined ? undefined : expect.stringContaining(problem));
  });

  it('is prepared once by several that start at the same moment', async () => {
    const same = settings();
    const all = await Promise.all([1, 2, 3].map(() => openCassandra(same)));
    expect(all.flatMap(({ applied }) => applied)).toEqual(['0001-event-log.cql']);
    for (const { close } of all) await close();
    const again = await openCassandra(same);
    expect(again.applied).toEqual([]);
    await again.close();
  });

  it('is refused when it has another text of a file, or a file that is not known', async () => {
    const { client, close } = await openCassandra(settings());
    const { path, remove } = await makeTempFolder();
    await cp(join(packageRoot, 'prisma', 'cassandra'), path, { recursive: true });
    const file = join(path, '0001-event-log.cql');
    await writeFile(file, `${await readFile(file, 'utf8')}\n-- changed`);
    await expect(migrateCassandra(client, path)).rejects.toThrow('is not the one that Cassandra had applied');
    await remove();
    await client.execute("INSERT INTO migration (name, checksum) VALUES ('9999-of-tomorrow.cql', 'x')");
    await expect(migrateCassandra(client)).rejects.toThrow(
      '9999-of-tomorrow.cql, which this Parley does not know',
    );
    await close();
  });

  it('goes on where somebody was killed half way', async () => {
    const half = settings();
    const { client, close } = await openCassandra(half);
    for (const undo of ['DROP TABLE nonce_index', 'TRUNCATE migration']) await client.execute(undo);
    expect(await migrateCassandra(client)).toEqual(['0001-event-log.cql']);
    expect((await client.execute('SELECT * FROM nonce_index')).rows).toEqual([]);
    await close();
  });

  it('is refused to another installation, whose channels would be those of other people', async () => {
    const first = settings();
    await (await openCassandra(first)).close();
    await expect(openCassandra({ ...first, installation: randomUUID() })).rejects.toThrow(
      'another installation',
    );
  });

  it('is not there, or has no such datacenter: that is said in words', async () => {
    const nowhere = settings({ contactPoints: ['127.0.0.1:1'] });
    await expect(openCassandra(nowhere)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('CASSANDRA_CONTACT_POINTS'),
    });
    await expect(openCassandra(settings({ datacenter: 'mars' }))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('CASSANDRA_DATACENTER'),
    });
  });

  it('is not started a second time on the same port', async () => {
    await expect(startCassandra({ port: server.port })).rejects.toThrow('is taken');
  });
});
