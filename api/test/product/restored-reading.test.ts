import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { loadBackup } from '../../../prisma/backup/load-backup.ts';
import { writeBackup } from '../../../prisma/backup/write-backup.ts';
import { migrate, readMigrations } from '../../../prisma/migrate.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { deviceIdOf, incomingId, sessionIdOf, userIdOf } from '../../../schema/ids.ts';
import { openWorld, type World } from '../world.ts';
import { placesOf, type Reading, readingBy, readingOf, readingPeople, say, type Told } from './reading.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function worldOn(databaseUrl?: string) {
  const world = await openWorld({ log: 'postgres', ...(databaseUrl && { databaseUrl }) });
  closers.push(world.close);
  return world;
}
async function emptyDatabase() {
  const { url, close } = await openTestDatabase({ isEmpty: true });
  closers.push(close);
  return url;
}
async function execute(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
/** What `events` without `after` tells this device until it is up to date. */
async function toldNow({ reads }: Pick<Reading, 'reads'>): Promise<Told[]> {
  const { next, stop } = await reads.follow();
  const told: Told[] = [];
  do told.push(await next());
  while (told.at(-1)?.__typename !== 'CaughtUp');
  await stop();
  return told;
}
const kinds = (told: readonly Told[]) => told.map(({ __typename }) => __typename);

/** A group in which Ada has said six things, of which one is deleted; Bob has read three, and marks it; Cyn shares nothing. */
async function crewIn(world: World) {
  const phone = await world.signUp('bob');
  const [bob, { ada, cyn }] = [readingBy(phone), await readingPeople(world, 'ada', 'cyn')];
  const { id } = (await ada.createGroup([bob.userId, cyn.userId])).channel;
  const [, deleted] = await say(ada, id, 6);
  await ada.erase(deleted?.id ?? '');
  await bob.reads.markRead(id, 3);
  await bob.reads.markUnread(id);
  await bob.reads.acknowledge(await bob.syncCursor());
  await cyn.reads.markRead(id, 5);
  await cyn.reads.share(false);
  return { ada, bob, cyn, id, deviceId: phone.session.device.id };
}

/** Goes on after a backup, which then takes the place of all that; the world of before stays, too. */
async function restoreAfter(world: World, act: () => Promise<unknown>): Promise<World> {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  const file = join(folder.path, 'one.backup.gz');
  await writeBackup(world.url, file);
  await act();
  const url = await emptyDatabase();
  await loadBackup(url, file, { areSessionsKept: true });
  return worldOn(url);
}

describe('a server that was restored', () => {
  it('knows what was read, received, marked, shared and acknowledged at the backup, and goes on from there', async () => {
    const before = await worldOn();
    const { ada, bob, cyn, id, deviceId } = await crewIn(before);
    const [own, seen, held] = [await bob.reads.own(id), await ada.reads.placed(id), await ada.syncCursor()];
    const member = expect.objectContaining({ readNumber: 3, deliveredNumber: 6 });
    expect(own).toMatchObject({ unreadCount: 3, isMarkedUnread: true, member });
    const after = await restoreAfter(before, async () => {
      await say(ada, id, 2);
      for (const number of [4, 6, 8]) await bob.reads.markRead(id, number);
      await bob.reads.acknowledge(await bob.syncCursor());
      await cyn.reads.share(true);
    });
    const late = await ada.syncCursor();
    const again = readingBy(await after.signIn('bob', { id: deviceId }));
    const adas = readingOf(await after.signIn(ada.handle));
    expect(await again.reads.own(id)).toEqual(own);
    expect(await adas.placed(id)).toEqual(seen);
    // Both of before the restore, also the one that is of the moment of the backup: its epoch is another one.
    for (const cursor of [held, late])
      expect(kinds((await adas.told([cursor])).events)).toEqual(['ViewerReset', 'SyncReset']);
    expect(kinds(await toldNow(again))).toEqual(['ViewerReset', 'SyncReset', 'CaughtUp']);

    // The versions that were lost are given again, and mean something else.
    const { cursor } = await adas.told([late]);
    await again.reads.markRead(id, 5);
    await again.reads.acknowledge((await toldNow(again)).at(-1)?.cursor ?? '');
    expect(await again.reads.own(id)).toMatchObject({ unreadCount: 1, isMarkedUnread: false });
    const { events } = await adas.told([cursor]);
    expect(events.map(({ members = [] }) => placesOf(members))).toEqual([{ [bob.userId]: [5, 6] }]);
    expect(kinds(await toldNow(again))).not.toContain('ViewerReset');
  });
});

/** Rows as the release before had them: two people, of whom the first has said five things; then the third was deleted, twice. */
const earlier = `
  INSERT INTO user_account (id, handle, handle_key, display_name, colour, password_hash)
    VALUES (1, 'ann', 'ann', 'Ann', '#123456', 'x'), (2, 'bob', 'bob', 'Bob', '#123456', 'y'), (3, 'cyn', 'cyn', 'Cyn', '#123456', 'y');
  INSERT INTO channel (id, kind, name, created_by_id, nonce, membership_version, member_count, owner_count)
    VALUES (1, 'GROUP', 'Settled', 1, 'n', 2, 2, 1), (2, 'GROUP', 'Pending', 1, 'm', 3, 3, 1);
  INSERT INTO member (id, channel_id, user_id, role, state, joined_at, version, feed_version) VALUES
    (1, 1, 1, 'OWNER', 'ACTIVE', now(), 1, 1), (2, 1, 2, 'MEMBER', 'ACTIVE', now(), 2, 1),
    (3, 2, 1, 'OWNER', 'ACTIVE', now(), 1, 2), (4, 2, 2, 'MEMBER', 'ACTIVE', now(), 2, 2), (5, 2, 3, 'MEMBER', 'ACTIVE', now(), 3, 1);
  INSERT INTO member_interval (member_id, joined_version, joined_seq, joined_number)
    VALUES (1, 1, 1, 0), (2, 2, 2, 0), (3, 1, 1, 0), (4, 2, 2, 0), (5, 3, NULL, NULL);
  INSERT INTO membership_outbox (channel_id, version, kind, user_id, by_user_id, role, created_at)
    VALUES (2, 3, 'ADDED', 3, 1, 'MEMBER', now());
  UPDATE user_account SET feed_version = 2;
  INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
    SELECT c, n, 0, 4, 0, 's:membership:' || n, now(), '{"userId":"usr' || n || '","by":"usr1","role":"MEMBER"}', NULL
    FROM generate_series(1, 2) c, generate_series(1, 2) n;
  INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
    SELECT c, n + 2, n, 1, 1, 'c:' || n, now(), 'text ' || n, NULL FROM generate_series(1, 2) c, generate_series(1, 5) n;
  INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body, ref_seq)
    SELECT c, 7 + n, 5, 3, n, 's:delete:5', now(), '', 5 FROM generate_series(1, 2) c, generate_series(1, 2) n;
  INSERT INTO message_state (channel_id, seq, text, revision, deleted_at) VALUES (1, 5, NULL, 9, now()), (2, 5, NULL, 9, now());
  INSERT INTO log_head (channel_id, head, message_count, last_created_at) VALUES (1, 9, 5, now()), (2, 9, 5, now());`;

describe('a database of the release before', () => {
  it('begins with everything read where it can tell who is there, and else with what the log says', async () => {
    const url = await emptyDatabase();
    const names = (await readMigrations()).map(({ name }) => name);
    const known = names.slice(0, names.indexOf('0006_read_state'));
    expect(known.length).toBeGreaterThan(3);
    await migrate(url, { only: new Set(known) });
    await execute(url, earlier);
    await migrate(url);
    const world = await worldOn(url);
    const { rows } = await world.database.pool.query(
      'SELECT channel_id, seq, deleted_seq FROM message_state ORDER BY 1',
    );
    expect(rows).toEqual([
      { channel_id: '1', seq: '5', deleted_seq: '8' },
      { channel_id: '2', seq: '5', deleted_seq: '8' },
    ]);
    const by = (n: bigint) =>
      readingOf(world.viewerAt('', { id: userIdOf(n), deviceId: deviceIdOf(n), sessionId: sessionIdOf(n) }));
    const [ann, bob, cyn] = [by(1n), by(2n), by(3n)];
    const [settled, pending] = ['chn1', 'chn2'];
    expect(await bob.own(settled)).toMatchObject({
      unreadCount: 0,
      countedToNumber: 5,
      member: { readNumber: 5 },
    });
    expect(await ann.own(settled)).toMatchObject({ readByAllNumber: 5, deliveredToAllNumber: 5 });
    // From the beginning of the log: nobody has ever said that they have read anything.
    expect(await bob.own(pending)).toMatchObject({ unreadCount: 4, member: { readNumber: 0 } });
    await world.product.stream.mark(incomingId(pending), userIdOf(2n), { read: 2 });
    expect(await bob.own(pending)).toMatchObject({ unreadCount: 2, member: { readNumber: 2 } });
    expect(await ann.own(pending)).toMatchObject({ readByAllNumber: 2, member: { readNumber: 5 } });
    // Whose joining the log does not have yet sees nothing so far.
    await expect(cyn.own(pending)).rejects.toThrow('no such channel');
  });
});
