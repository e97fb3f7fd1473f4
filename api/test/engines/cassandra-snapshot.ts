import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'cassandra-driver';
import type { CassandraServer } from './cassandra.ts';

type Snapshot = { readonly name: string; readonly from: string; readonly to: string };

/** A new table is there when the nodes have agreed. */
const readTimeout = 30_000;

/**
 * What docs/operations.md says of a restore, on a Cassandra of one node: the tables of a snapshot, as its `schema.cql` has them, in
 * another keyspace with ids of their own, and then what was in them.
 */
export async function restoreSnapshot(
  { folder, nodetool }: Pick<CassandraServer, 'folder' | 'nodetool'>,
  client: Client,
  { name, from, to }: Snapshot,
): Promise<void> {
  const run = (cql: string) => client.execute(cql, [], { prepare: false, readTimeout });
  await run(
    `CREATE KEYSPACE ${to} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`,
  );
  for (const table of await readdir(join(folder, 'data', from))) {
    const files = join(folder, 'data', from, table, 'snapshots', name);
    const schema = await readFile(join(files, 'schema.cql'), 'utf8');
    await run(
      schema
        .replace(`CREATE TABLE IF NOT EXISTS ${from}.`, `CREATE TABLE IF NOT EXISTS ${to}.`)
        .replace(/\bID = \S+\s+AND /, ''),
    );
    await nodetool('import', '--copy-data', to, table.replace(/-\w+$/, ''), files);
  }
}
