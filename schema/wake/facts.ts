import { Prisma } from '../../prisma/generated/client/client.ts';
import {
  type ChannelId,
  type DeviceId,
  deviceIdOf,
  rowIdOf,
  type SessionId,
  sessionIdOf,
  type UserId,
  userIdOf,
} from '../ids.ts';
import type { NotificationFacts, NotificationPreferences } from '../notification/notification.policy.ts';
import { preferencesOf } from '../notification/preferences.ts';
import type { PushTarget } from '../ports/push.ts';
import { type TargetColumns, targetOf } from '../push-endpoint/push-endpoints.ts';
import type { Product } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { isVisible } from '../stream/intervals.ts';
import type { Counters } from '../stream/positions/counters.ts';
import { type Activity, activityOf, blockedAmong, countersOf, type Joined, joinedOf } from './people.ts';

/** A device that can be woken: signed in, with an endpoint of a service that this installation can send to. */
export type WakeDevice = {
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  /** The newest of its sessions that stands. */
  readonly sessionId: SessionId;
  /** Nothing that was said before is told to it. In milliseconds since 1970, as `heldUntil`. */
  readonly registeredAt: number;
  readonly target: PushTarget;
  /** Its service is busy or down: nothing is sent to it before. */
  readonly heldUntil: number;
  /** How often in a row that was so. */
  readonly tries: number;
};

/** The devices of the present members of a channel, or one device, or those of one person. */
export type WakeWhere =
  | { readonly channelId: ChannelId }
  | { readonly deviceId: DeviceId }
  | { readonly userId: UserId };

type DeviceRow = TargetColumns & {
  readonly deviceId: bigint;
  readonly userId: bigint;
  readonly sessionId: bigint;
  readonly createdAt: Date;
  readonly heldUntil: Date | null;
  readonly tries: number;
};

const conditionOf = (where: WakeWhere): Prisma.Sql => {
  if ('deviceId' in where) return Prisma.sql`e.device_id = ${rowIdOf.device(where.deviceId)}`;
  if ('userId' in where) return Prisma.sql`e.user_id = ${rowIdOf.user(where.userId)}`;
  return Prisma.sql`e.user_id IN (
    SELECT user_id FROM member WHERE channel_id = ${rowIdOf.channel(where.channelId)} AND state = 'ACTIVE')`;
};

/** Those of them that can be woken now, by their ids. One statement; of a channel at most twenty for each of its members. */
export async function devicesToWake(
  { prisma, push, clock }: Product,
  where: WakeWhere,
): Promise<WakeDevice[]> {
  const rows = await prisma.$queryRaw<DeviceRow[]>`
    SELECT DISTINCT ON (e.device_id) e.device_id AS "deviceId", e.user_id AS "userId", s.id AS "sessionId",
      e.created_at AS "createdAt", e.held_until AS "heldUntil", e.tries, e.service::text, e.address, e.p256dh, e.auth,
      e.topic, e.is_sandbox AS "isSandbox"
    FROM push_endpoint e JOIN session s ON s.device_id = e.device_id AND s.user_id = e.user_id
    WHERE ${conditionOf(where)} AND e.service::text = ANY (${[...push.services]}::text[])
      AND s.revoked_at IS NULL AND s.expires_at > ${new Date(clock.now())}
    ORDER BY e.device_id, s.id DESC`;
  return rows.map((row) => ({
    deviceId: deviceIdOf(row.deviceId),
    userId: userIdOf(row.userId),
    sessionId: sessionIdOf(row.sessionId),
    registeredAt: row.createdAt.getTime(),
    target: targetOf(row),
    heldUntil: row.heldUntil?.getTime() ?? 0,
    tries: row.tries,
  }));
}

/** A device that is asked about; `registeredAt` undefined: it cannot be woken. */
export type AskedDevice = Pick<WakeDevice, 'deviceId' | 'userId'> & {
  readonly registeredAt: number | undefined;
};

export type FactsWanted = {
  readonly channelId: ChannelId;
  readonly messages: readonly StoredMessage[];
  /** What these answer, as far as it is not among them. */
  readonly answered: readonly StoredMessage[];
  readonly devices: readonly AskedDevice[];
};

/** Of these messages and devices, and no others. */
export type FactsOf = (message: StoredMessage, deviceId: DeviceId) => NotificationFacts;

/**
 * Everything that `decideNotification` asks, for some messages of one channel and some devices, as of now. So many statements,
 * however many they are. Rejects while nobody can tell who is active: then nothing is decided.
 */
export async function factsOf(product: Product, asked: FactsWanted): Promise<FactsOf> {
  const { channelId, messages, answered, devices } = asked;
  const userIds = [...new Set(devices.map(({ userId }) => userId))];
  const authorIds = [...new Set(messages.map(({ authorId }) => authorId))];
  const [countersFor, joined, isBlocked, preferences, activityFor] = await Promise.all([
    countersOf(product, channelId),
    joinedOf(product, channelId, userIds),
    blockedAmong(product, userIds, authorIds),
    preferencesOf(product, userIds),
    activityOf(product, userIds),
  ]);
  const now = product.clock.now();
  const people = new Map(
    userIds.map((userId) => {
      const [member, wants] = [joined.get(userId), preferences.get(userId)];
      if (wants === undefined) throw new Error('Somebody who was asked for is not in the answer.');
      return [userId, { userId, member, wants, counters: countersFor(userId), active: activityFor(userId) }];
    }),
  );
  const byDevice = new Map(devices.map((device) => [device.deviceId, device]));
  const authorAt = new Map([...answered, ...messages].map(({ seq, authorId }) => [seq, authorId]));
  return (message, deviceId) => {
    const device = byDevice.get(deviceId);
    const person = device && people.get(device.userId);
    if (person === undefined) throw new Error('Facts of a device that was not asked about.');
    const isReplyToThem = message.replyTo !== null && authorAt.get(message.replyTo.seq) === person.userId;
    return {
      now,
      message: messageFacts(message, { userId: person.userId, isReplyToThem }),
      person: personFacts(message, person, isBlocked(person.userId, message.authorId)),
      device: { registeredAt: device?.registeredAt },
    };
  };
}

type Reader = { readonly userId: UserId; readonly isReplyToThem: boolean };
const messageFacts = (
  { createdAt, number, authorId, deletedAt }: StoredMessage,
  { userId, isReplyToThem }: Reader,
): NotificationFacts['message'] => ({
  ...{ createdAt, number, isReplyToThem },
  isOwn: authorId === userId,
  isDeleted: deletedAt !== null,
});

type Person = {
  readonly member: Joined | undefined;
  readonly wants: NotificationPreferences;
  readonly counters: Counters;
  readonly active: Activity;
};

/** Who was removed, or has come only later, is no member towards a message: also where all history is shown to who comes later. */
const personFacts = (
  { seq }: StoredMessage,
  { member, wants, counters, active }: Person,
  isBlocked: boolean,
): NotificationFacts['person'] => ({
  isBlocked,
  isMember: member !== undefined && counters.isPresent && isVisible(member.intervals, seq),
  readNumber: counters.readNumber,
  deliveredNumber: counters.deliveredNumber,
  isActive: active.isActive,
  activeUntil: active.until,
  isMuted: member?.isMuted ?? false,
  isArchived: member?.isArchived ?? false,
  channelLevel: member?.level ?? null,
  preferences: wants,
});
