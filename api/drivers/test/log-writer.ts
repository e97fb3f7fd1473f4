import { openCassandra } from '../../../prisma/open-cassandra.ts';
import { openDatabase } from '../../../prisma/open-database.ts';
import type { ChannelId } from '../../../schema/ids.ts';
import type { EventLog } from '../../../schema/ports/event-log.ts';
import { openCassandraEventLog } from '../event-log.cassandra.ts';
import { openPostgresEventLog } from '../event-log.postgres.ts';
import { datacenter, installation } from './cassandra-logs.ts';
import { type Share, writeShare } from './written-rounds.ts';

/** What one writer in a process of its own is told, as its only argument. */
export type WriterTask = {
  readonly channelId: ChannelId;
  readonly share: Share;
  readonly store:
    | { readonly kind: 'postgres'; readonly url: string }
    | {
        readonly kind: 'cassandra';
        readonly contactPoint: string;
        readonly keyspace: string;
        readonly bucketSize: number;
      };
};

type Opened = { readonly log: EventLog; close(): Promise<void> };

async function open(store: WriterTask['store']): Promise<Opened> {
  if (store.kind === 'postgres') {
    const { pool, close } = await openDatabase(store.url, { poolSize: 3 });
    return { log: await openPostgresEventLog({ pool }), close };
  }
  const { contactPoint, keyspace, bucketSize } = store;
  const settings = { contactPoints: [contactPoint], datacenter, keyspace, installation };
  const { client, close } = await openCassandra(settings);
  return { log: await openCassandraEventLog({ client, epoch: async () => 1, bucketSize }), close };
}

/** Says that it is ready, writes its share when it is told to, and says what it was answered. */
async function main(text: string): Promise<void> {
  const { channelId, share, store }: WriterTask = JSON.parse(text);
  const { log, close } = await open(store);
  process.send?.('ready');
  await new Promise<void>((resolve) => process.once('message', () => resolve()));
  const answers = await writeShare(log, channelId, share);
  await log.close();
  await close();
  process.send?.(answers, () => process.disconnect());
}

await main(process.argv[2] ?? '');
