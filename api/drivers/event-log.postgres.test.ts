import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf, serverAuthorId, userIdOf } from '../../schema/ids.ts';
import { eventLogContract } from '../../schema/ports/event-log.contract.ts';
import { openMemoryEventLog } from '../../schema/ports/event-log.memory.ts';
import type { EventLog } from '../../schema/ports/event-log.ts';
import {
  answering,
  appendOne,
  deleted,
  edited,
  freshChannel,
  sent,
} from '../../schema/ports/event-log-world.contract.ts';
import { createRandom, upTo } from '../../schema/ports/random.contract.ts';
import type { EventDraft } from '../../schema/stream/event.ts';
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

  const seed = 20_240_531;
  it(`answers what the reference answers, whatever happens (seed ${seed})`, async () => {
    const [postgres, memory] = [await world.openLog(), openMemoryEventLog()];
    const random = createRandom(seed);
    const channels = [freshChannel(), freshChannel()];
    for (const step of upTo(300)) {
      const channelId = channels[step % 2] ?? freshChannel();
      const { heads } = await memory.heads([channelId]);
      const drafts = randomRound(random, heads.get(channelId)?.head ?? 0);
      const now = 1_000_000 + Math.floor(random() * 1_000);
      const ask = (log: EventLog) =>
        log.append(channelId, drafts, now).catch((error: unknown) => String(error));
      expect(await ask(postgres), `step ${step}`).toEqual(await ask(memory));
    }
    for (const channelId of channels) {
      const all = (log: EventLog) => log.read(channelId, 0, 1_000);
      expect(await all(postgres)).toEqual(await all(memory));
      for (const limit of [1_000, 40]) {
        const newest = async (log: EventLog) => {
          const page = await log.messages(channelId, { take: 'last', limit, alsoAnswered: true });
          return { ...page, answered: page.answered.toSorted((a, b) => a.number - b.number) };
        };
        expect(await newest(postgres)).toEqual(await newest(memory));
      }
      expect((await postgres.heads([channelId])).heads).toEqual((await memory.heads([channelId])).heads);
    }
  });
});

/** One to five drafts of any kind, with nonces that come again, about places that may be no messages. */
function randomRound(random: () => number, head: number): EventDraft[] {
  const below = (n: number) => Math.floor(random() * n);
  const drafts = new Map<string, EventDraft>();
  for (const _ of upTo(1 + below(5))) {
    const named = { by: below(4) === 0 ? serverAuthorId : userIdOf(7n), nonce: `n${below(400)}` };
    const place = Math.max(1, head - below(12));
    const kinds = [
      sent(`text ${below(1_000)}`, named),
      sent(`text ${below(1_000)}`, named),
      answering(place, `reply ${below(1_000)}`, named),
      edited(place, `edit ${below(1_000)}`, named),
      deleted(place, named),
      { ...sent('{}', named), kind: 'member.added' as const },
    ];
    const draft = kinds[below(kinds.length)] ?? sent('text', named);
    drafts.set(`${draft.authorId} ${draft.nonce}`, draft);
  }
  const round = [...drafts.values()];
  const last = round.at(-1);
  // Alone, and insisting on a revision that is right now and then.
  return last?.kind === 'message.edited' ? [{ ...last, ifRevision: head - below(12) }] : round;
}
