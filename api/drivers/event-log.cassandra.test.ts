import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ChannelId, incomingId, rowIdOf, userIdOf } from '../../schema/ids.ts';
import { eventLogContract } from '../../schema/ports/event-log.contract.ts';
import { type AttemptOutcome, type EventLog, StaleRevisionError } from '../../schema/ports/event-log.ts';
import {
  ada,
  appendOne,
  deleted,
  edited,
  freshChannel,
  sent,
} from '../../schema/ports/event-log-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { clientNonce, type EventDraft } from '../../schema/stream/event.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { openCassandraEventLog } from './event-log.cassandra.ts';
import { createCommit } from './event-log.cassandra-append.ts';
import { createBuckets } from './event-log.cassandra-buckets.ts';
import { createNonces } from './event-log.cassandra-nonces.ts';
import { createPlaces } from './event-log.cassandra-places.ts';
import { createStore } from './event-log.cassandra-store.ts';
import { type CassandraLogs, openCassandraLogs } from './test/cassandra-logs.ts';
import { compareWithReference, referenceSeed } from './test/compare-with-reference.ts';

// A partition that ends after eight events costs more than one that takes thousands.
vi.setConfig({ testTimeout: 60_000 });

const isThere = requires('cassandra', missingCassandra);
let server: CassandraServer;
beforeAll(async () => {
  if (isThere) server = await startCassandra();
}, 150_000);
afterAll(() => server?.close());

const contactPoint = () => server.contactPoint;

eventLogContract('cassandra', () => openCassandraLogs({ contactPoint: contactPoint(), processes: 9 }));
eventLogContract('cassandra, in buckets of 8', () =>
  openCassandraLogs({ contactPoint: contactPoint(), processes: 9, bucketSize: 8 }),
);

describe('the event log in Cassandra', () => {
  let world: CassandraLogs;
  beforeAll(async () => {
    if (isThere)
      world = await openCassandraLogs({ contactPoint: contactPoint(), processes: 2, bucketSize: 8 });
  });
  afterAll(() => world?.close());
  const rowsOf = async (cql: string) => (await world.client.execute(cql)).rows;

  it(`answers what the reference answers, whatever happens (seed ${referenceSeed})`, async () => {
    await compareWithReference(await world.openLog(), 150);
  });

  it('has nothing of a deleted text in its tables', async () => {
    const [log, channelId] = [await world.openLog(), freshChannel()];
    await log.append(channelId, [sent('secret one'), sent('stays')], 1);
    for (const draft of [
      edited(1, 'secret two'),
      deleted(1),
      edited(1, 'secret three'),
      edited(2, 'stays too'),
    ])
      await appendOne(log, channelId, draft);
    const tables = [await rowsOf('SELECT body FROM log'), await rowsOf('SELECT text FROM message_state')];
    expect(JSON.stringify(tables)).not.toContain('secret');
    expect(JSON.stringify(tables)).toContain('stays too');
  });

  it('belongs to an epoch that is read each time', async () => {
    let epoch = 1;
    const log = await openCassandraEventLog({
      client: world.client,
      epoch: async () => epoch,
      bucketSize: 8,
    });
    expect(await log.heads([])).toMatchObject({ epoch: 1 });
    epoch = 2;
    expect(await log.heads([freshChannel()])).toMatchObject({ epoch: 2 });
    await log.close();
  });

  it('refuses ids that are none, instead of writing where nobody looks', async () => {
    const log = await world.openLog();
    const nowhere = incomingId('xxx7k') as ReturnType<typeof freshChannel>;
    await expect(log.append(freshChannel(), [sent('hi', { by: userIdOf(-1n) })], 1)).rejects.toThrow(
      'author',
    );
    await expect(log.append(nowhere, [sent('hi')], 1)).rejects.toThrow('channel');
  });

  it('reads nothing past a hole', async () => {
    const [log, channelId] = [await world.openLog(), freshChannel()];
    await log.append(channelId, [sent('one'), sent('two'), sent('three')], 1);
    const channel = rowIdOf.channel(channelId);
    await world.client.execute(
      'DELETE FROM log WHERE channel_id = ? AND bucket = 0 AND kind = 0 AND seq = ?',
      [...[channel, 2n]],
    );
    await expect(log.read(channelId, 0, 3)).rejects.toThrow('hole');
  });

  it('keeps all nonces of the partitions that are full where they are found for ever', async () => {
    const [log, channelId] = [await world.openLog(), freshChannel()];
    const drafts = upTo(20).map((n) => sent(`text ${n}`));
    await log.append(channelId, drafts, 1);
    const kept = await rowsOf(
      `SELECT seq FROM nonce_index WHERE channel_id = ${rowIdOf.channel(channelId)} ALLOW FILTERING`,
    );
    expect(kept.map(({ seq }) => Number(seq)).sort((a, b) => a - b)).toEqual(upTo(16));
    const other = await world.openLog();
    const again = await other.append(channelId, drafts.toReversed(), 1);
    expect(again.map(({ event, deduplicated }) => [event.seq, deduplicated])).toEqual(
      upTo(20)
        .reverse()
        .map((seq) => [seq, true]),
    );
  });
});

describe('edits and deletions in Cassandra of somebody who died before they were applied', () => {
  let world: CassandraLogs;
  beforeAll(async () => {
    if (isThere)
      world = await openCassandraLogs({ contactPoint: contactPoint(), processes: 1, bucketSize: 8 });
  });
  afterAll(() => world?.close());

  /** Commits as an append does, and ends there. */
  async function commitAndDie(channelId: ChannelId, drafts: readonly EventDraft[]) {
    const [store, buckets] = [createStore(world.client), createBuckets(8)];
    const places = createPlaces(store, buckets);
    const nonces = createNonces({ store, places, pause });
    const commit = createCommit({ store, places, nonces, pause, judge: async () => undefined });
    await commit(channelId, drafts, 1);
  }

  it.for([
    ['events', (log: EventLog, channelId: ChannelId) => log.read(channelId, 0, 100)],
    ['a page', (log: EventLog, channelId: ChannelId) => log.messages(channelId, { take: 'first', limit: 5 })],
    ['one message', (log: EventLog, channelId: ChannelId) => log.messagesAt([{ channelId, seq: 1 }])],
    ['a nonce', (log: EventLog, channelId: ChannelId) => log.findNonce(channelId, ada, clientNonce('first'))],
  ] as const)('are applied by whoever reads %s, in an older partition too', async ([, read]) => {
    const [log, channelId] = [await world.openLog(), freshChannel()];
    await log.append(
      channelId,
      [sent('secret', { nonce: 'first' }), ...upTo(20).map((n) => sent(`text ${n}`))],
      1,
    );
    await appendOne(log, channelId, edited(1, 'secret, too'));
    await commitAndDie(channelId, [
      edited(2, 'new'),
      deleted(1),
      edited(1, 'secret, again'),
      edited(3, 'new'),
    ]);
    const answer = JSON.stringify(await read(log, channelId));
    expect(answer).toContain('"text":null');
    expect(answer).not.toContain('secret');
    const [second, third] = await log.messagesAt([
      { channelId, seq: 2 },
      { channelId, seq: 3 },
    ]);
    expect([second?.text, third?.text]).toEqual(['new', 'new']);
    const { rows } = await world.client.execute('SELECT body FROM log');
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('are known to who insists on a revision', async () => {
    const [log, channelId] = [await world.openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old'));
    await commitAndDie(channelId, [edited(1, 'new')]);
    const insisting = { ...edited(1, 'newest'), ifRevision: 1 };
    await expect(appendOne(log, channelId, insisting)).rejects.toThrow(StaleRevisionError);
    expect(await appendOne(log, channelId, { ...insisting, ifRevision: 2 })).toMatchObject({
      event: { seq: 3 },
    });
  });
});

describe('what the event log costs in Cassandra', () => {
  let world: CassandraLogs;
  beforeAll(async () => {
    if (isThere) world = await openCassandraLogs({ contactPoint: contactPoint(), processes: 0 });
  });
  afterAll(() => world?.close());

  /** How many batches, and other statements, `use` takes. */
  async function costOf(use: () => Promise<unknown>) {
    const spies = [vi.spyOn(world.client, 'batch'), vi.spyOn(world.client, 'execute')];
    await use();
    const counts = spies.map((spy) => spy.mock.calls.length);
    for (const spy of spies) spy.mockRestore();
    return counts;
  }
  const openLog = () => openCassandraEventLog({ client: world.client, epoch: async () => 1 });

  it('is one conditional batch for a round, once it knows where the log ends', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('first'));
    expect(await costOf(() => appendOne(log, channelId, sent('second')))).toEqual([1, 0]);
    const many = upTo(64).map((n) => sent(`text ${n}`));
    expect(await costOf(() => log.append(channelId, many, 1))).toEqual([1, 0]);
    await log.close();
  });

  it('is one batch more for a race that was lost, and for each partition that a round goes into', async () => {
    const told: string[] = [];
    const observer = {
      onAttempt: (outcome: AttemptOutcome) => told.push(outcome),
      onRollOver: () => told.push('rolled over'),
    };
    const open = () =>
      openCassandraEventLog({ client: world.client, epoch: async () => 1, bucketSize: 8, observer });
    const [log, other, channelId] = [await open(), await open(), freshChannel()];
    for (const writer of [log, other]) await appendOne(writer, channelId, sent('known to both'));
    await appendOne(log, channelId, sent('first'));
    told.length = 0;
    // That one looked where the log ends before this was said.
    expect(await costOf(() => appendOne(other, channelId, sent('behind it')))).toEqual([2, 0]);
    expect(told.splice(0)).toEqual(['lost', 'committed']);

    const again = sent('twice', { nonce: 'twice' });
    await appendOne(other, channelId, again);
    told.length = 0;
    expect(await costOf(() => appendOne(other, channelId, again))).toEqual([1, 2]); // and a look at what it became
    expect(told.splice(0)).toEqual(['known']);

    const drafts = upTo(5).map((n) => sent(`text ${n}`));
    const [batches] = await costOf(() => other.append(channelId, drafts, 1));
    expect([batches, ...told.splice(0)]).toEqual([2, 'committed', 'committed', 'rolled over']);
    // From now on there is a look at the index, whether the nonce is in a partition that is full.
    expect(await costOf(() => appendOne(other, channelId, sent('in the second')))).toEqual([1, 1]);
    for (const one of [log, other]) await one.close();
  });

  it('is two reads for a page, and no more for a thousand who ask for the same at once', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(
      channelId,
      upTo(50).map((n) => sent(`text ${n}`)),
      1,
    );
    expect(await costOf(() => log.messages(channelId, { take: 'last', limit: 20 }))).toEqual([0, 2]);
    const crowd = () => Promise.all(upTo(1_000).map(() => log.read(channelId, 10, 100)));
    // One for the first, and one for all who came while that was on its way.
    expect(await costOf(crowd)).toEqual([0, 4]);
    await log.close();
  });
});
