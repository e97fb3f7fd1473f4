import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChannelId, rowIdOf } from '../../schema/ids.ts';
import { systemClock } from '../../schema/ports/clock.ts';
import type { EventLog } from '../../schema/ports/event-log.ts';
import {
  answering,
  appendOne,
  deleted,
  edited,
  freshChannel,
  sent,
  start,
} from '../../schema/ports/event-log-world.contract.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { createGroupCommit } from '../../schema/stream/group-commit.ts';
import { allRules } from '../../schema/stream/rules.ts';
import { many, statementsDuring } from '../test/product/statements-of.ts';
import { openPostgresLogs, type PostgresLogs } from './test/postgres-logs.ts';

describe('one append to PostgreSQL is one statement, and one transaction', () => {
  let world: PostgresLogs;
  let log: EventLog;
  beforeAll(async () => {
    world = await openPostgresLogs(1);
    log = await world.openLog();
  });
  afterAll(() => world.close());

  /** The transactions that wrote these events and what belongs to them. */
  async function transactionsOf(channelId: ChannelId, after: number): Promise<readonly string[]> {
    const { rows } = await world.pool.query<{ id: string }>(
      `SELECT xmin::text AS id FROM log_event WHERE channel_id = $1 AND seq > $2
       UNION SELECT xmin::text FROM log_head WHERE channel_id = $1`,
      [rowIdOf.channel(channelId), after],
    );
    return rows.map(({ id }) => id);
  }

  it.each([
    ['of one message', () => [sent('one')]],
    ['of 64 messages', () => upTo(64).map((n) => sent(`text ${n}`))],
    ['of a reply', () => [answering(1, 'reply')]],
    ['of an edit', () => [edited(1, 'edited')]],
    ['of an edit that insists on a revision', () => [{ ...edited(2, 'edited'), ifRevision: 2 }]],
    ['of a deletion', () => [deleted(3)]],
    ['of what is there already, and something new', () => [sent('first', { nonce: 'first' }), sent('new')]],
  ])('%s', async (_what, drafts) => {
    const channelId = freshChannel();
    for (const text of ['first', 'second', 'third'])
      await appendOne(log, channelId, sent(text, { nonce: text }));
    const { result, statements } = await statementsDuring(() => log.append(channelId, drafts(), start));
    expect(result).toHaveLength(drafts().length);
    expect(statements.length, many(statements)).toBe(1);
    expect(await transactionsOf(channelId, 3)).toHaveLength(1);
  });

  it('of all that 500 people say at once in one channel: eight for 64 each', async () => {
    const [channelId, commit] = [freshChannel(), createGroupCommit(log, systemClock, allRules)];
    const { result, statements } = await statementsDuring(() =>
      Promise.all(upTo(500).flatMap((n) => commit.append(channelId, [sent(`text ${n}`)]))),
    );
    expect(result.map(({ event }) => event.seq)).toEqual(upTo(500));
    expect(statements.length, many(statements)).toBe(8);
  });
});
