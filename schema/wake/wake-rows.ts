import { Prisma } from '../../prisma/generated/client/client.ts';
import { type ChannelId, type DeviceId, deviceIdOf, rowIdOf, type Seq } from '../ids.ts';
import type { Job } from '../ports/jobs.ts';
import type { PushTarget } from '../ports/push.ts';
import { columnsOf } from '../push-endpoint/push-endpoints.ts';
import type { Product } from '../scope.ts';

type Db = Pick<Prisma.TransactionClient, '$queryRaw' | '$executeRaw'>;

/** Up to which event, and so up to which message, it is decided whom to notify. */
export type Woken = { readonly seq: Seq; readonly number: number };

/** What one device has been told of one channel. Times in milliseconds since 1970. */
export type DevicePlace = { readonly deviceId: DeviceId; readonly channelId: ChannelId };
export type Told = {
  /** Nothing at or below is decided again. */
  readonly settledNumber: number;
  /** The newest message of what is shown, or may be, and up to where that was withdrawn: something is shown while the one is larger. */
  readonly pushedSeq: Seq;
  readonly pushedNumber: number;
  readonly clearedNumber: number;
};
export type DeviceRow = Told & {
  readonly deviceId: DeviceId;
  readonly lookAt: number | undefined;
  readonly isClaimed: boolean;
};

type Row = {
  readonly deviceId: bigint;
  readonly settledNumber: bigint;
  readonly pushedSeq: bigint;
  readonly pushedNumber: bigint;
  readonly clearedNumber: bigint;
  readonly lookAt: Date | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: Date | null;
};

const toldIn = (row: Row): Told => ({
  settledNumber: Number(row.settledNumber),
  pushedSeq: Number(row.pushedSeq),
  pushedNumber: Number(row.pushedNumber),
  clearedNumber: Number(row.clearedNumber),
});

/** Is there anything on the device that could be withdrawn? */
export const isShown = ({ pushedNumber, clearedNumber }: Told): boolean => pushedNumber > clearedNumber;

export async function wokenOf(db: Db, channelId: ChannelId): Promise<Woken | undefined> {
  const [row] = await db.$queryRaw<{ seq: bigint; number: bigint }[]>`
    SELECT woken_seq AS seq, woken_number AS number FROM channel_wake WHERE channel_id = ${rowIdOf.channel(channelId)}`;
  return row && { seq: Number(row.seq), number: Number(row.number) };
}

/** Moves it from where it was when it was read; false when somebody else was quicker. */
export async function moveWoken(
  tx: Db,
  channelId: ChannelId,
  { from, to }: { readonly from: Woken | undefined; readonly to: Woken },
): Promise<boolean> {
  const id = rowIdOf.channel(channelId);
  const [seq, number] = [BigInt(to.seq), BigInt(to.number)];
  const count =
    from === undefined
      ? await tx.$executeRaw`INSERT INTO channel_wake (channel_id, woken_seq, woken_number)
          VALUES (${id}, ${seq}, ${number}) ON CONFLICT DO NOTHING`
      : await tx.$executeRaw`UPDATE channel_wake SET woken_seq = ${seq}, woken_number = ${number}
          WHERE channel_id = ${id} AND woken_seq = ${BigInt(from.seq)}`;
  return count > 0;
}

/** What devices have been told of a channel, those that were told anything or are to be looked at. */
export async function rowsOfChannel(db: Db, channelId: ChannelId, now: number): Promise<DeviceRow[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT device_id AS "deviceId", settled_number AS "settledNumber", pushed_seq AS "pushedSeq",
      pushed_number AS "pushedNumber", cleared_number AS "clearedNumber", look_at AS "lookAt",
      claimed_by AS "claimedBy", claimed_until AS "claimedUntil"
    FROM device_wake WHERE channel_id = ${rowIdOf.channel(channelId)}`;
  return rows.map((row) => ({
    ...toldIn(row),
    deviceId: deviceIdOf(row.deviceId),
    lookAt: row.lookAt?.getTime(),
    isClaimed: (row.claimedUntil?.getTime() ?? 0) > now,
  }));
}

/** A device is to be looked at; what lies at or below `settledNumber` is decided, unless it was to be looked at before. */
export type Look = {
  readonly deviceId: DeviceId;
  readonly settledNumber: number;
  readonly at: number;
};

/** The log ends here again, as it was restored: what was known of what lay behind is of other messages than those that will be there. */
export async function forgetBehind(tx: Db, channelId: ChannelId, { seq, number }: Woken): Promise<void> {
  const id = rowIdOf.channel(channelId);
  await tx.$executeRaw`UPDATE device_wake SET settled_number = least(settled_number, ${BigInt(number)})
    WHERE channel_id = ${id}`;
  await tx.$executeRaw`DELETE FROM notification_decision WHERE channel_id = ${id} AND seq > ${BigInt(seq)}
    AND user_id IN (SELECT user_id FROM member WHERE channel_id = ${id})`;
}

/** In the order of the key, so that two who write never wait for each other. */
export async function wantLooks(tx: Db, channelId: ChannelId, looks: readonly Look[]): Promise<void> {
  if (looks.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO device_wake AS w (device_id, channel_id, settled_number, look_at)
    SELECT l.device_id, ${rowIdOf.channel(channelId)}, l.settled_number, l.look_at
    FROM unnest(
      ${looks.map(({ deviceId }) => rowIdOf.device(deviceId))}::bigint[],
      ${looks.map(({ settledNumber }) => BigInt(settledNumber))}::bigint[],
      ${looks.map(({ at }) => new Date(at))}::timestamptz[]
    ) AS l (device_id, settled_number, look_at)
    ORDER BY l.device_id
    ON CONFLICT (device_id, channel_id) DO UPDATE SET
      settled_number = CASE WHEN w.look_at IS NULL
        THEN greatest(w.settled_number, excluded.settled_number) ELSE w.settled_number END,
      look_at = least(w.look_at, excluded.look_at)`;
}

/** Whoever is at a device holds it for so long at most, in milliseconds: three times as long as a push service may take. */
export const claimMs = 30_000;

export type Claim = DevicePlace & { readonly by: string; readonly until: number };
export type Claimed =
  | { readonly state: 'MINE'; readonly claim: Claim; readonly told: Told }
  /** Somebody else is at it, and will look once more; or it is not to be looked at before. */
  | { readonly state: 'LATER'; readonly at: number }
  /** There is nothing to look at. */
  | { readonly state: 'NOTHING' };

/**
 * Takes a device that is to be looked at. While it is taken, `look_at` is the end of the claim: then it is looked at again if whoever
 * has it dies. Who wants it meanwhile sets an earlier time, by which `release` sees that something has come.
 */
export async function claimDevice(
  db: Db,
  { deviceId, channelId }: DevicePlace,
  { by, now }: { readonly by: string; readonly now: number },
): Promise<Claimed> {
  const [until, at] = [new Date(now + claimMs), new Date(now)];
  const isOpen = Prisma.sql`(w.look_at <= ${at} AND coalesce(w.claimed_until <= ${at}, true))`;
  const [row] = await db.$queryRaw<Row[]>`
    UPDATE device_wake w SET
      claimed_by = CASE WHEN ${isOpen} THEN ${by} ELSE w.claimed_by END,
      claimed_until = CASE WHEN ${isOpen} THEN ${until}::timestamptz ELSE w.claimed_until END,
      look_at = CASE WHEN ${isOpen} THEN ${until}::timestamptz
        WHEN w.claimed_until > ${at} THEN least(w.look_at, ${at}::timestamptz) ELSE w.look_at END
    WHERE w.device_id = ${rowIdOf.device(deviceId)} AND w.channel_id = ${rowIdOf.channel(channelId)}
      AND w.look_at IS NOT NULL
    RETURNING w.device_id AS "deviceId", w.settled_number AS "settledNumber", w.pushed_seq AS "pushedSeq",
      w.pushed_number AS "pushedNumber", w.cleared_number AS "clearedNumber", w.look_at AS "lookAt",
      w.claimed_by AS "claimedBy", w.claimed_until AS "claimedUntil"`;
  if (row === undefined) return { state: 'NOTHING' };
  const claimedUntil = row.claimedUntil?.getTime() ?? 0;
  if (row.claimedBy === by && claimedUntil > now)
    return {
      state: 'MINE',
      claim: { deviceId, channelId, by, until: claimedUntil },
      told: toldIn(row),
    };
  return { state: 'LATER', at: claimedUntil > now ? claimedUntil : (row.lookAt?.getTime() ?? now) };
}

/**
 * From now on a device may show this, whatever becomes of the one who sends it: killed before they could write down what the service
 * said, somebody must know that there is something to take away. False when somebody else has the device by now.
 */
export async function mayShow(
  db: Db,
  { deviceId, channelId, by }: Claim,
  { seq, number }: Woken,
): Promise<boolean> {
  const count = await db.$executeRaw`
    UPDATE device_wake SET pushed_seq = ${BigInt(seq)}, pushed_number = ${BigInt(number)},
      cleared_number = least(cleared_number, ${BigInt(number - 1)})
    WHERE device_id = ${rowIdOf.device(deviceId)} AND channel_id = ${rowIdOf.channel(channelId)} AND claimed_by = ${by}`;
  return count > 0;
}

/** What is so when a device has been looked at; `lookAt` undefined: nothing is left to look at. */
export type Looked = Told & { readonly lookAt: number | undefined; readonly pushedAt: number | undefined };

/** Writes it down and gives the device back. Answers when to look again, if at all; 'lost' when somebody else has it by now. */
export async function giveBack(
  tx: Db,
  { deviceId, channelId, by, until }: Claim,
  { lookAt, pushedAt, ...told }: Looked,
): Promise<number | undefined | 'lost'> {
  const next = lookAt === undefined ? null : new Date(lookAt);
  const [row] = await tx.$queryRaw<{ lookAt: Date | null }[]>`
    UPDATE device_wake SET
      settled_number = greatest(settled_number, ${BigInt(told.settledNumber)}),
      look_at = CASE WHEN look_at = ${new Date(until)} THEN ${next}::timestamptz
        ELSE least(look_at, ${next}::timestamptz) END,
      pushed_seq = ${BigInt(told.pushedSeq)}, pushed_number = ${BigInt(told.pushedNumber)},
      pushed_at = coalesce(${pushedAt === undefined ? null : new Date(pushedAt)}::timestamptz, pushed_at),
      cleared_number = ${BigInt(told.clearedNumber)}, claimed_by = NULL, claimed_until = NULL
    WHERE device_id = ${rowIdOf.device(deviceId)} AND channel_id = ${rowIdOf.channel(channelId)} AND claimed_by = ${by}
    RETURNING look_at AS "lookAt"`;
  return row === undefined ? 'lost' : row.lookAt?.getTime();
}

/** Something went wrong: as it was before, to be looked at again. */
export const letGo = (db: Db, { deviceId, channelId, by }: Claim, now: number) => db.$executeRaw`
  UPDATE device_wake SET look_at = least(look_at, ${new Date(now)}::timestamptz), claimed_by = NULL, claimed_until = NULL
  WHERE device_id = ${rowIdOf.device(deviceId)} AND channel_id = ${rowIdOf.channel(channelId)} AND claimed_by = ${by}`;

/** The device cannot be woken any more: nothing is left to be looked at. */
export const dropRow = (db: Db, { deviceId, channelId, by }: Claim) => db.$executeRaw`
  DELETE FROM device_wake
  WHERE device_id = ${rowIdOf.device(deviceId)} AND channel_id = ${rowIdOf.channel(channelId)} AND claimed_by = ${by}`;

type Held = { readonly deviceId: DeviceId; readonly target: PushTarget };

/** Its service is left alone up to then, or again as before: unless another address has been registered meanwhile. */
export const holdEndpoint = (
  tx: Db,
  { deviceId, target }: Held,
  { until, tries }: { readonly until: number | undefined; readonly tries: number },
) => tx.$executeRaw`
  UPDATE push_endpoint SET held_until = ${until === undefined ? null : new Date(until)}::timestamptz, tries = ${tries}
  WHERE device_id = ${rowIdOf.device(deviceId)} AND address = ${columnsOf(target).address}`;

/**
 * Has these devices looked at, each at its time. One that is to be looked at later has a key with that time: of one key only one waits, and
 * an earlier look must not wait for a later one.
 */
export async function addLooks(
  { jobs, clock }: Pick<Product, 'jobs' | 'clock'>,
  channelId: ChannelId,
  looks: readonly { readonly deviceId: DeviceId; readonly at: number }[],
): Promise<void> {
  const now = clock.now();
  const wanted = looks.map(({ deviceId, at }): Job => {
    const [key, payload] = [`${deviceId}|${channelId}`, { deviceId, channelId }];
    return at <= now
      ? { name: 'sendPush', payload, key }
      : { name: 'sendPush', payload, key: `${key}|${at}`, delayMs: at - now };
  });
  if (wanted.length > 0) await jobs.add(wanted);
}
