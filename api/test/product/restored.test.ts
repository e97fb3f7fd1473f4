import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { type Event, isCaughtUp, people, until } from './talker.ts';

// What a cursor of before means when the server has gone back to a backup, or has forgotten old rows.

let world: World;
beforeEach(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterEach(() => world.close());

async function crew() {
  const { ada, bob } = await people(world, 'ada', 'bob');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  await ada.send(id, 'one');
  await ada.send(id, 'two');
  return { ada, bob, id, cursor: await bob.syncCursor() };
}
const sql = (statement: string) => world.database.pool.query(statement);
const base = { eventId: expect.any(String), cursor: expect.any(String), at: expect.any(String) };
const kinds = (events: readonly Event[]) => events.map(({ __typename, reason }) => [__typename, reason]);

it('everything is read anew when the server was restored: the viewer, and each channel', async () => {
  const { bob, id, cursor } = await crew();
  await sql('UPDATE installation SET epoch = epoch + 1');
  const stream = await bob.events([cursor]);
  const events = await until(stream, isCaughtUp);
  await stream.return?.();
  expect(events[0]).toEqual({ ...base, __typename: 'ViewerReset', reason: 'LOG_RESTORED' });
  expect(events[1]).toEqual({
    ...base,
    __typename: 'SyncReset',
    reason: 'LOG_RESTORED',
    channelId: id,
    channel: await bob.channel(id),
  });
  expect(events).toHaveLength(3);
  expect(kinds((await bob.changes([cursor])).events)).toEqual(kinds(events.slice(0, -1)));
  // From there nothing is missed, and nothing is reset again.
  expect((await bob.changes([events.at(-1)?.cursor ?? ''])).events).toEqual([]);
});

it('everything is read anew when the log of a channel is shorter than the cursor says', async () => {
  const { ada, bob, id, cursor } = await crew();
  await sql('DELETE FROM log_event WHERE number = 2');
  await sql('UPDATE log_head SET head = head - 1, message_count = message_count - 1');
  const { events, cursor: after } = await bob.changes([cursor]);
  expect(events).toMatchObject([
    { __typename: 'ViewerReset', reason: 'LOG_RESTORED' },
    { __typename: 'SyncReset', reason: 'LOG_RESTORED', channelId: id, channel: { lastNumber: 1 } },
  ]);
  await ada.send(id, 'another two');
  const { events: next } = await bob.changes([after]);
  expect(next).toMatchObject([{ message: { number: 2, text: 'another two' } }]);
});

it('the viewer is read anew when rows that the cursor would need are gone', async () => {
  const { ada, bob, cursor } = await crew();
  await ada.createGroup([bob.userId], { name: 'Later' });
  await sql('UPDATE user_account SET feed_min_version = feed_version');
  const { events } = await bob.changes([cursor]);
  expect(kinds(events)[0]).toEqual(['ViewerReset', 'EXPIRED']);
  expect(events.filter(({ __typename }) => __typename === 'SyncReset')).toEqual([]);
});
