import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf, userIdOf } from '../../schema/ids.ts';
import { eventLogContract } from '../../schema/ports/event-log.contract.ts';
import {
  appendOne,
  deleted,
  edited,
  freshChannel,
  sent,
} from '../../schema/ports/event-log-world.contract.ts';
import { compareWithReference, referenceSeed } from './test/compare-with-reference.ts';
import { openPostgresLogs, type PostgresLogs } from './test/postgres-logs.ts';

eventLogContract('postgres', () => openPostgresLogs(9));

describe('the event log in PostgreSQL', () => {
  let world: PostgresLogs;
  beforeAll(async () => {
    world = await openPostgresLogs(1);
  });
  afterAll(() => world.close());

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
    const row = [rowIdOf.channel(channelId)];
    const events = await world.pool.query('SELECT * FROM log_event WHERE channel_id = $1 ORDER BY seq', row);
    const states = await world.pool.query('SELECT * FROM message_state WHERE channel_id = $1', row);
    expect(JSON.stringify([events.rows, states.rows])).not.toContain('secret');
    expect(events.rows.map(({ body }) => body)).toEqual(['', 'stays', '', '', '', 'stays too']);
    expect(states.rows).toHaveLength(2);
  });

  it('belongs to the epoch of the installation, and notices when that is raised', async () => {
    const log = await world.openLog();
    const before = await log.heads([]);
    await world.pool.query('UPDATE installation SET epoch = epoch + 1');
    expect(await log.heads([freshChannel()])).toMatchObject({ epoch: before.epoch + 1 });
  });

  it('refuses ids that are none, instead of writing where nobody looks', async () => {
    const log = await world.openLog();
    const [nobody, nowhere] = [
      userIdOf(-1n),
      freshChannel().replace('chn', 'xxx') as ReturnType<typeof freshChannel>,
    ];
    await expect(log.append(freshChannel(), [sent('hi', { by: nobody })], 1)).rejects.toThrow('author');
    await expect(log.append(nowhere, [sent('hi')], 1)).rejects.toThrow('channel');
  });

  it(`answers what the reference answers, whatever happens (seed ${referenceSeed})`, async () => {
    await compareWithReference(await world.openLog());
  });
});
