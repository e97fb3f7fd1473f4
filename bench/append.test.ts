import { describe, expect, it } from 'vitest';
import { missingCassandra } from '../api/test/engines/cassandra.ts';
import { requires } from '../api/test/requirements.ts';
import { openTestDatabase } from '../prisma/test/test-database.ts';
import type { ChannelId } from '../schema/ids.ts';
import { readAll, seqsOf } from '../schema/ports/event-log-world.contract.ts';
import { upTo } from '../schema/ports/random.contract.ts';
import { freshChannels, measureAppend, messages, roundsPerSecond, type Twins } from './append.ts';
import { openCassandraTwins } from './append-cassandra.ts';
import { openMemoryTwins } from './append-memory.ts';
import { openPostgresTwins } from './append-postgres.ts';

const [roundsOfBucket, perRound] = [64, 64];

/** Bare rounds up to the end of a bucket and one more: the log has them, knows their nonces, and goes on behind them. */
async function compareStored({ log, raw }: Twins): Promise<void> {
  const [channelId] = freshChannels(1) as [ChannelId];
  const drafts = messages(roundsOfBucket * perRound);
  for (const nth of upTo(roundsOfBucket))
    await raw(channelId, drafts.slice((nth - 1) * perRound, nth * perRound));
  const [last, next] = [messages(1), messages(1)];
  await raw(channelId, last);
  const events = await readAll(log, channelId);
  expect(seqsOf(events)).toEqual(upTo(events.length));
  expect(events.map(({ nonce, number, message }) => ({ nonce, number, text: message?.text }))).toEqual(
    [...drafts, ...last].map(({ nonce, body }, index) => ({ nonce, number: index + 1, text: body })),
  );
  const repeated = await log.append(channelId, [...drafts.slice(0, 1), ...last, ...next], Date.now());
  expect(repeated.map(({ event, deduplicated }) => [event.seq, deduplicated])).toEqual([
    [1, true],
    [events.length, true],
    [events.length + 1, false],
  ]);
}

it('the bare rounds of PostgreSQL are what the log would have written', async () => {
  const twins = await openPostgresTwins(await openTestDatabase());
  try {
    await compareStored(twins);
  } finally {
    await twins.close();
  }
});

describe('the bare rounds of Cassandra', () => {
  requires('cassandra', missingCassandra);

  it('are what the log would have written', { timeout: 240_000 }, async () => {
    const twins = await openCassandraTwins();
    try {
      await compareStored(twins);
    } finally {
      await twins.close();
    }
  });
});

it('the bare rounds of memory are answered as those of the log', async () => {
  const { log, raw, close } = await openMemoryTwins();
  const [channelId] = freshChannels(1) as [ChannelId];
  for (const drafts of [messages(3), messages(2)]) {
    const answers = await log.append(channelId, drafts, Date.now());
    const withoutDate = JSON.parse(
      JSON.stringify(answers, (key, value) => (key === 'createdAt' ? 0 : value)),
    );
    const own = JSON.parse(
      JSON.stringify(await raw(channelId, drafts), (key, value) => (key === 'createdAt' ? 0 : value)),
    );
    expect(own).toEqual(withoutDate);
  }
  await close();
});

it('both sides are measured for each number of channels, and no channel has two rounds at once', async () => {
  const twins = await openMemoryTwins();
  const measured = await measureAppend(twins, { runs: 1, secondsPerRun: 0.01, onProgress: () => undefined });
  expect(measured.map(({ channels, eventsPerRound }) => [channels, eventsPerRound])).toEqual([
    [1, 64],
    [40, 16],
    [500, 1],
  ]);
  for (const { driver, raw, ratio } of measured)
    for (const { median } of [driver.eventsPerSecond, raw.eventsPerSecond, ratio])
      expect(median).toBeGreaterThan(0);
  const busy = new Set<ChannelId>();
  const append = async (channelId: ChannelId) => {
    expect(busy.has(channelId)).toBe(false);
    busy.add(channelId);
    await new Promise(setImmediate);
    busy.delete(channelId);
  };
  await roundsPerSecond({ append, channelIds: freshChannels(3), ms: 20 });
  await twins.close();
});
