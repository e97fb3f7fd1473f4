import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import type { ChannelId } from '../../schema/ids.ts';
import { openMemoryEventLog } from '../../schema/ports/event-log.memory.ts';
import type { EventLog } from '../../schema/ports/event-log.ts';
import { freshChannel, readAll, seqsOf } from '../../schema/ports/event-log-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { openPostgresEventLog } from './event-log.postgres.ts';
import { openCassandraLogs } from './test/cassandra-logs.ts';
import { seed, sharesOf, writeInProcesses, writerCount, writtenEvents } from './test/many-writers.ts';
import { type Answer, ownDrafts, type Share, sharedDrafts, writeShare } from './test/written-rounds.ts';

const shares = sharesOf(writtenEvents);
const total = shares.flatMap((share) => [...ownDrafts(share), ...sharedDrafts(share)]).length;
/** Ten ends of a bucket are crossed, however many events there are. */
const bucketSize = Math.ceil(total / 11);
/** Some 100 events a second where all goes slowly, and the start of eight processes. */
const timeoutMs = 120_000 + total * 10;

/** All that was promised about a channel that several have written to. */
async function checkLog(log: EventLog, channelId: ChannelId, written: readonly (readonly Answer[])[]) {
  const events = await readAll(log, channelId);
  expect(seqsOf(events)).toEqual(upTo(total));
  expect(events.map(({ number }) => number)).toEqual(upTo(total));
  const keyOf = ({ authorId, nonce }: (typeof events)[number]) => `${authorId} ${nonce}`;
  expect(new Set(events.map(keyOf)).size).toBe(total);
  for (const answers of written)
    for (const [key, seq] of answers) expect(events[seq - 1] && keyOf(events[seq - 1] ?? never())).toBe(key);
  for (const share of shares)
    for (const drafts of [ownDrafts(share), sharedDrafts(share)]) {
      const author = drafts[0]?.authorId;
      const own = events.filter(({ authorId }) => authorId === author);
      expect(own.map(({ message }) => message?.text)).toEqual(drafts.map(({ body }) => body));
    }
}
const never = (): never => {
  throw new Error('An event is missing.');
};

describe(`${writerCount} writers at once in one channel, ${total} events (seed ${seed})`, () => {
  it('are put in one order by the reference, within one process', { timeout: timeoutMs }, async () => {
    const [log, channelId] = [openMemoryEventLog(), freshChannel()];
    const write = (share: Share) => writeShare(log, channelId, share);
    await checkLog(log, channelId, await Promise.all(shares.map(write)));
  });

  it('are put in one order by PostgreSQL, each in a process of its own', { timeout: timeoutMs }, async () => {
    const { url, close } = await openTestDatabase();
    const database = await openDatabase(url, { poolSize: 3 });
    const channelId = freshChannel();
    const written = await writeInProcesses(channelId, shares, { kind: 'postgres', url });
    await checkLog(await openPostgresEventLog(database), channelId, written);
    await database.close();
    await close();
  });
});

describe(`${writerCount} writers at once in one channel of Cassandra, ${total} events (seed ${seed})`, () => {
  const isThere = requires('cassandra', missingCassandra);
  let server: CassandraServer;
  beforeAll(async () => {
    if (isThere) server = await startCassandra();
  }, 150_000);
  afterAll(() => server?.close());

  it('are put in one order, over ten ends of a partition', { timeout: timeoutMs }, async () => {
    const { contactPoint } = server;
    const world = await openCassandraLogs({ contactPoint, processes: 1, bucketSize });
    const channelId = freshChannel();
    const { keyspace } = world;
    const store = { kind: 'cassandra', contactPoint, keyspace, bucketSize } as const;
    const written = await writeInProcesses(channelId, shares, store);
    await checkLog(await world.openLog(), channelId, written);
    const { rows } = await world.client.execute('SELECT count(*) AS count FROM nonce_index');
    expect(Number(rows[0]?.count)).toBe(bucketSize * 10);
    await world.close();
  });
});
