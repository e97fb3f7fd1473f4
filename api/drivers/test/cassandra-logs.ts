import { randomUUID } from 'node:crypto';
import type { Client } from 'cassandra-driver';
import { type Cassandra, openCassandra } from '../../../prisma/open-cassandra.ts';
import type { EventLog } from '../../../schema/ports/event-log.ts';
import type { EventLogWorld } from '../../../schema/ports/event-log-world.contract.ts';
import { type CassandraEventLogSettings, openCassandraEventLog } from '../event-log.cassandra.ts';

export type CassandraLogs = EventLogWorld & {
  /** A connection that no log uses. */
  readonly client: Client;
  readonly keyspace: string;
  /** That one, and those of the logs. */
  readonly clients: readonly Client[];
};

export type CassandraLogsOptions = Pick<CassandraEventLogSettings, 'bucketSize' | 'observer'> & {
  readonly contactPoint: string;
  /** So many logs, each with connections of its own, which are given out in turn. */
  readonly processes: number;
};

export const freshKeyspace = () => `test_${randomUUID().replaceAll('-', '')}`;
export const datacenter = 'datacenter1';
export const installation = '5a2d1f6e-3f0b-4c4e-9a53-0d6c8f1b7a10';

/** A keyspace of its own, and as many logs on it as so many processes would have. */
export async function openCassandraLogs(options: CassandraLogsOptions): Promise<CassandraLogs> {
  const { contactPoint, processes, bucketSize, observer } = options;
  const keyspace = freshKeyspace();
  const open = () => openCassandra({ contactPoints: [contactPoint], datacenter, keyspace, installation });
  const connections: Cassandra[] = [await open()];
  const logs: EventLog[] = [];
  for (let opened = 0; opened < processes; opened += 1) {
    const connection = await open();
    connections.push(connection);
    const { client } = connection;
    logs.push(
      await openCassandraEventLog({
        ...{ client, epoch: async () => 1, observer },
        ...(bucketSize !== undefined && { bucketSize }),
      }),
    );
  }
  const [own] = connections;
  if (own === undefined) throw new Error('Nothing was opened.');
  let handedOut = 0;
  return {
    ...{ client: own.client, keyspace },
    clients: connections.map(({ client }) => client),
    async openLog() {
      const log = logs[handedOut % logs.length];
      handedOut += 1;
      if (!log) throw new Error('No log was opened.');
      return log;
    },
    async close() {
      for (const log of logs) await log.close();
      for (const connection of connections) await connection.close();
    },
  };
}
