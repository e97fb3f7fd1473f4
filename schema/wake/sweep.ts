import { type ChannelId, channelIdOf, deviceIdOf, userIdOf } from '../ids.ts';
import type { Job } from '../ports/jobs.ts';
import type { Product } from '../scope.ts';

/** A job may take so long before it counts as lost, in milliseconds. */
const graceMs = 15_000;
/** How long a decision can be asked for, in milliseconds. */
const keptMs = 30 * 24 * 60 * 60 * 1_000;
/**
 * So many rows in one statement, however large the installation is. Of what is late or old so many statements at most: the rest is done
 * the next time.
 */
const [atOnce, mostStatements] = [1_000, 20];
/** Of what is old: as many decisions as a busy installation makes in a minute. */
const mostDeletions = 100;
/** How often this is done, in milliseconds: see workers/. */
const everyMs = 60_000;

/**
 * Finds what was to be done and has no job any more, and lets go of what is old. Decides nothing itself: it only adds jobs that are
 * dropped where they wait already.
 */
export async function sweep(product: Product): Promise<void> {
  // What somebody waits for comes first: a deletion that fails must not keep it.
  await addLostLooks(product);
  await addLostClears(product);
  await addLostWakes(product);
  await deleteOld(product);
}

type Place = { readonly deviceId: bigint; readonly channelId: bigint };

async function addLostLooks({ prisma, jobs, clock }: Product): Promise<void> {
  const late = new Date(clock.now() - graceMs);
  let after = { at: new Date(0), deviceId: 0n, channelId: 0n };
  for (let statements = 0; statements < mostStatements; statements += 1) {
    const rows = await prisma.$queryRaw<(Place & { at: Date })[]>`
      SELECT device_id AS "deviceId", channel_id AS "channelId", look_at AS at FROM device_wake
      WHERE look_at < ${late} AND (look_at, device_id, channel_id) > (${after.at}, ${after.deviceId}, ${after.channelId})
      ORDER BY look_at, device_id, channel_id LIMIT ${atOnce}`;
    const last = rows.at(-1);
    if (last === undefined) return;
    await jobs.add(rows.map(lookJob));
    if (rows.length < atOnce) return;
    after = last;
  }
}

function lookJob(place: Place): Job {
  const [deviceId, channelId] = [deviceIdOf(place.deviceId), channelIdOf(place.channelId)];
  return { name: 'sendPush', payload: { deviceId, channelId }, key: `${deviceId}|${channelId}` };
}

/** Somebody has read what a device of theirs still shows, or is in the channel no more. All that devices show, by the key. */
async function addLostClears({ prisma, jobs }: Product): Promise<void> {
  for (let after = { deviceId: 0n, channelId: 0n }; ; ) {
    // The page first, then what is known of its rows: otherwise all of them are looked through for a thousand that count.
    const rows = await prisma.$queryRaw<Shown[]>`
      SELECT w.device_id AS "deviceId", w.channel_id AS "channelId", e.user_id AS "userId",
        m.id IS NULL OR m.read_number >= w.pushed_number AS "isOver"
      FROM (
        SELECT device_id, channel_id, pushed_number FROM device_wake
        WHERE pushed_number > cleared_number AND (device_id, channel_id) > (${after.deviceId}, ${after.channelId})
        ORDER BY device_id, channel_id LIMIT ${atOnce}
      ) w LEFT JOIN push_endpoint e ON e.device_id = w.device_id
      LEFT JOIN member m ON m.channel_id = w.channel_id AND m.user_id = e.user_id AND m.state = 'ACTIVE'
      ORDER BY w.device_id, w.channel_id`;
    const last = rows.at(-1);
    if (last === undefined) return;
    const clears = rows.flatMap((row) =>
      row.isOver && row.userId !== null ? clearJob(row, row.userId) : [],
    );
    if (clears.length > 0) await jobs.add(clears);
    if (rows.length < atOnce) return;
    after = last;
  }
}

type Shown = Place & { readonly userId: bigint | null; readonly isOver: boolean };

function clearJob(place: Place, ownerId: bigint): Job {
  const [userId, channelId] = [userIdOf(ownerId), channelIdOf(place.channelId)];
  return { name: 'clearPush', payload: { userId, channelId }, key: `${userId}|${channelId}` };
}

/** Decisions that nobody can ask for any more, and what devices were told that cannot be woken any more. */
async function deleteOld(product: Product): Promise<void> {
  const { prisma, clock } = product;
  const old = new Date(clock.now() - keptMs);
  await repeatedly(
    () => prisma.$executeRaw`
    DELETE FROM notification_decision WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM notification_decision WHERE decided_at < ${old} ORDER BY decided_at LIMIT ${atOnce}))`,
  );
  const { from, to } = await devicesNow(product);
  // The second pair of bounds is for the planner, which would look through all endpoints. A row that is being written waits its turn.
  await repeatedly(
    () => prisma.$executeRaw`
    DELETE FROM device_wake WHERE ctid = ANY (ARRAY(
      SELECT w.ctid FROM device_wake w WHERE w.device_id >= ${from} AND w.device_id < ${to} AND NOT EXISTS (
        SELECT FROM push_endpoint e WHERE e.device_id = w.device_id AND e.device_id >= ${from} AND e.device_id < ${to})
      LIMIT ${atOnce} FOR UPDATE OF w SKIP LOCKED))`,
  );
}

async function repeatedly(remove: () => Promise<number>): Promise<void> {
  for (let statements = 0; statements < mostDeletions; statements += 1) if ((await remove()) < atOnce) return;
}

/** A thousand devices, each time the next ones: nothing is wrong with rows that nobody needs for some hours more. */
async function devicesNow({
  prisma,
  clock,
}: Product): Promise<{ readonly from: bigint; readonly to: bigint }> {
  const [row] = await prisma.$queryRaw<{ first: bigint | null; last: bigint | null }[]>`
    SELECT min(device_id) AS first, max(device_id) AS last FROM device_wake`;
  const [first, width] = [row?.first ?? 0n, BigInt(atOnce)];
  const pieces = ((row?.last ?? first) - first) / width + 1n;
  const from = first + (BigInt(Math.floor(clock.now() / everyMs)) % pieces) * width;
  return { from, to: from + width };
}

/** Channels where somebody has an endpoint, and the log goes on behind what was decided. All of them, by id. */
async function addLostWakes({ prisma, jobs, stream }: Product): Promise<void> {
  for (let after = 0n; ; ) {
    // The page first, as above; and of what is decided that of its channels only, or each page would begin at the first one.
    const rows = await prisma.$queryRaw<{ id: bigint; seq: bigint; isReached: boolean }[]>`
      SELECT c.id, coalesce(w.woken_seq, 0) AS seq, EXISTS (
        SELECT FROM member m JOIN push_endpoint e ON e.user_id = m.user_id
        WHERE m.channel_id = c.id AND m.state = 'ACTIVE'
      ) AS "isReached"
      FROM (SELECT id FROM channel WHERE id > ${after} ORDER BY id LIMIT ${atOnce}) c
      LEFT JOIN channel_wake w ON w.channel_id = c.id AND w.channel_id > ${after}
      ORDER BY c.id`;
    const last = rows.at(-1);
    if (last === undefined) return;
    const reached = rows.filter(({ isReached }) => isReached);
    const woken = new Map(reached.map(({ id, seq }) => [channelIdOf(id), Number(seq)]));
    const { heads } = await stream.history.heads([...woken.keys()]);
    const behind = [...woken].filter(([id, seq]) => (heads.get(id)?.head ?? 0) !== seq);
    if (behind.length > 0) await jobs.add(behind.map(([id]) => wakeJob(id)));
    if (rows.length < atOnce) return;
    after = last.id;
  }
}

const wakeJob = (channelId: ChannelId): Job => ({
  name: 'wakeChannel',
  payload: { channelId },
  key: channelId,
});
