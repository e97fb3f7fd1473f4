import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isDatabaseAway } from '../../prisma/database-away.ts';
import type { ChannelId } from '../../schema/ids.ts';
import {
  type Appended,
  type AttemptOutcome,
  type EventLog,
  OutcomeUnknownError,
} from '../../schema/ports/event-log.ts';
import {
  appendOne,
  deleted,
  edited,
  freshChannel,
  readAll,
  sent,
  seqsOf,
  start,
} from '../../schema/ports/event-log-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import type { EventDraft } from '../../schema/stream/event.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { type CassandraLogs, openCassandraLogs } from './test/cassandra-logs.ts';

/** A start takes some seconds, and several times as long on a busy computer. */
const timeout = 240_000;
const [writerCount, bucketSize] = [4, 64];

describe('an append to Cassandra', () => {
  const isThere = requires('cassandra', missingCassandra);
  let server: CassandraServer;
  let world: CassandraLogs;
  let logs: EventLog[];
  /** What became of each batch, as those who watch the server are told. */
  const told: AttemptOutcome[] = [];
  beforeAll(async () => {
    if (isThere) server = await startCassandra();
  }, timeout);
  afterAll(() => server?.close());
  beforeEach(async () => {
    if (!isThere) return;
    world = await openCassandraLogs({
      contactPoint: server.contactPoint,
      processes: writerCount,
      bucketSize,
      observer: { onAttempt: (outcome) => told.push(outcome), onRollOver: () => undefined },
    });
    told.length = 0;
    logs = await Promise.all(upTo(writerCount).map(() => world.openLog()));
  });
  afterEach(() => world?.close());

  /** Every log has its connections again: the client looks for them by itself, at its own pace. */
  const untilConnected = async () => {
    const answers = async () => {
      const asked = world.clients.map((client) => client.execute('SELECT key FROM system.local'));
      return (await Promise.allSettled(asked)).every(({ status }) => status === 'fulfilled');
    };
    await expect.poll(answers, { timeout: 60_000 }).toBe(true);
  };

  /** Fulfilled when Cassandra can be asked; somebody makes it another promise before it goes. */
  let isBack: Promise<unknown> = Promise.resolve();

  /** As a stream does it: the same round again, until it has an outcome. */
  async function appendUntilKnown(log: EventLog, channelId: ChannelId, drafts: readonly EventDraft[]) {
    for (const _ of upTo(100))
      try {
        return await log.append(channelId, drafts, start);
      } catch (error) {
        if (!(error instanceof OutcomeUnknownError)) throw error;
        await isBack;
      }
    throw new Error('A hundred appends had no known outcome.');
  }

  /** Writes until it is told to stop; `acknowledged` has everything that was answered. */
  async function write(writer: number, channelId: ChannelId, state: Writing): Promise<void> {
    const log = logs[writer] ?? (await world.openLog());
    for (let round = 1; !state.isOver; round += 1) {
      const drafts = upTo(1 + (round % 5)).map((n) =>
        sent(`${writer} ${round} ${n}`, { nonce: `${writer}-${round}-${n}` }),
      );
      state.acknowledged.push(...(await appendUntilKnown(log, channelId, drafts)));
      state.onAcknowledged();
    }
  }
  type Writing = { isOver: boolean; readonly acknowledged: Appended[]; onAcknowledged: () => void };

  /** Resolves when so many more events were acknowledged than are now. */
  const untilWritten = (state: Writing, more: number) =>
    new Promise<void>((resolve) => {
      const goal = state.acknowledged.length + more;
      state.onAcknowledged = () => {
        if (state.acknowledged.length >= goal) resolve();
      };
    });

  async function checkAll(channelId: ChannelId, acknowledged: readonly Appended[]) {
    const events = await readAll(logs[0] ?? (await world.openLog()), channelId);
    expect(seqsOf(events)).toEqual(upTo(events.length));
    expect(new Set(events.map(({ nonce }) => nonce)).size).toBe(events.length);
    for (const { event } of acknowledged) expect(events[event.seq - 1]).toEqual(event);
    // Whatever was begun was repeated until it was acknowledged.
    expect(new Set(acknowledged.map(({ event }) => event.seq)).size).toBe(events.length);
  }

  it('that was acknowledged is there after SIGKILL, once, and without holes', { timeout }, async () => {
    const channelId = freshChannel();
    const state: Writing = { isOver: false, acknowledged: [], onAcknowledged: () => undefined };
    const writing = Promise.all(logs.map((_, writer) => write(writer, channelId, state)));
    for (const _ of upTo(2)) {
      await untilWritten(state, 150);
      let back: () => void = () => undefined;
      isBack = new Promise<void>((resolve) => {
        back = resolve;
      });
      await server.kill();
      await server.startAgain();
      await untilConnected();
      back();
    }
    await untilWritten(state, 150);
    state.isOver = true;
    await writing;
    await checkAll(channelId, state.acknowledged);
  });

  it('is unknown while Cassandra stands still, and is found when it is repeated', { timeout }, async () => {
    const [channelId, [log]] = [freshChannel(), logs];
    if (log === undefined) throw new Error('No log was opened.');
    await appendOne(log, channelId, sent('first'));
    await appendOne(log, channelId, edited(1, 'edited'));
    server.pause();
    const drafts = [sent('second', { nonce: 'n' }), deleted(1, { nonce: 'd' })];
    try {
      for (const _ of upTo(2))
        await expect(log.append(channelId, drafts, start)).rejects.toThrow(OutcomeUnknownError);
    } finally {
      server.resume();
    }
    await appendUntilKnown(log, channelId, drafts);
    const other = logs[1] ?? log;
    const found = await appendUntilKnown(other, channelId, drafts);
    expect(found).toMatchObject([
      { deduplicated: true, event: { seq: 3 } },
      { deduplicated: true, event: { seq: 4 } },
    ]);
    expect((await readAll(other, channelId)).map(({ message }) => message?.text)).toEqual([
      null,
      null,
      'second',
      null,
    ]);
  });

  it('is unknown while there is no Cassandra, and goes on when there is', { timeout }, async () => {
    const [channelId, [log]] = [freshChannel(), logs];
    if (log === undefined) throw new Error('No log was opened.');
    await appendOne(log, channelId, sent('first'));
    await server.kill();
    await expect(appendOne(log, channelId, sent('second', { nonce: 'n' }))).rejects.toThrow(
      OutcomeUnknownError,
    );
    expect(told).toEqual(['committed', 'unknown']);
    const failure = await readAll(log, channelId).catch((error: unknown) => error);
    expect(isDatabaseAway(failure), String(failure)).toBe(true);
    await server.startAgain();
    await untilConnected();
    await appendUntilKnown(log, channelId, [sent('second', { nonce: 'n' })]);
    expect(seqsOf(await readAll(log, channelId))).toEqual([1, 2]);
  });
});
