import type { Prisma } from '../../prisma/generated/client/client.ts';
import { type ChannelId, type DeviceId, rowIdOf, type UserId } from '../ids.ts';
import type {
  NotificationReason,
  NotificationRule,
  NotificationStep,
  NotificationVerdict,
} from '../notification/notification.policy.ts';
import type { PushAnswer } from '../ports/push.ts';
import type { StoredMessage } from '../stream/event.ts';

/** What became of a message for one device, as far as that is known: a POSTPONED one is asked about again. */
export type KeptOutcome = 'SENT' | 'SUPPRESSED' | 'POSTPONED' | 'FAILED';
/** Which rules were asked, in order, and what each said. */
export type KeptTrace = readonly (readonly [
  rule: NotificationRule,
  result: NotificationStep['result'],
  because: NotificationReason,
])[];
/** What the push service said, and when, in milliseconds since 1970. */
export type KeptAnswer = Pick<PushAnswer, 'outcome' | 'status' | 'reason'> & { readonly at: number };

/** Why a device was told of a message, or was not: as it is written down. */
export type KeptDecision = {
  readonly deviceId: DeviceId;
  readonly userId: UserId;
  readonly channelId: ChannelId;
  readonly seq: number;
  readonly outcome: KeptOutcome;
  readonly trace: KeptTrace;
  /** Null: nothing was sent. */
  readonly answer: KeptAnswer | null;
};

/** Told what is decided and sent, for whoever watches the server. It returns at once and never throws. */
export interface WakeObserver {
  /** `rule` is the one that decided. */
  onDecided(outcome: KeptOutcome, rule: NotificationRule): void;
  /** `delayMs`: since the newest message of it was said. */
  onPushed(outcome: PushAnswer['outcome'], delayMs: number): void;
}

type Kept = {
  readonly device: Pick<KeptDecision, 'deviceId' | 'userId'>;
  readonly message: Pick<StoredMessage, 'channelId' | 'seq'>;
  readonly verdict: NotificationVerdict;
};
const outcomeOf = { SEND: 'SENT', SUPPRESS: 'SUPPRESSED', WAIT: 'POSTPONED' } as const;

/** A verdict as it is written down; `tried` says what became of one that is SEND. */
export function keptDecision(
  { device, message, verdict }: Kept,
  tried?: { readonly outcome: KeptOutcome; readonly answer: KeptAnswer | null },
): KeptDecision {
  const { deviceId, userId } = device;
  const { channelId, seq } = message;
  const became = verdict.outcome === 'SEND' ? tried : undefined;
  return {
    ...{ deviceId, userId, channelId, seq },
    outcome: became?.outcome ?? outcomeOf[verdict.outcome],
    trace: verdict.trace.map(({ rule, result, because }) => [rule, result, because] as const),
    answer: became?.answer ?? null,
  };
}

/** Tells whoever watches. */
export function tellDecided(observer: WakeObserver | undefined, decisions: readonly KeptDecision[]): void {
  for (const { outcome, trace } of decisions) {
    const decidedBy = trace.at(-1);
    if (decidedBy !== undefined) observer?.onDecided(outcome, decidedBy[0]);
  }
}

/** So many rows in one statement. */
const atOnce = 5_000;

/**
 * Writes decisions down. What was sent, or failed for good, stays what it is, whoever decided something else meanwhile; what is said
 * again in the same words is not written again, nor locked: of somebody who stays active everything is asked about again and again.
 */
export async function keepDecisions(
  tx: Prisma.TransactionClient,
  decisions: readonly KeptDecision[],
  now: number,
): Promise<void> {
  for (let from = 0; from < decisions.length; from += atOnce)
    await keepSome(tx, decisions.slice(from, from + atOnce), new Date(now));
}

/** In the order of the key, so that two who write never wait for each other. */
const keepSome = (tx: Prisma.TransactionClient, some: readonly KeptDecision[], now: Date) => tx.$executeRaw`
  INSERT INTO notification_decision AS d (device_id, channel_id, seq, user_id, outcome, trace, answer, decided_at)
  SELECT k.device_id, k.channel_id, k.seq, k.user_id, k.outcome::notification_outcome, k.trace::jsonb, k.answer::jsonb, ${now}
  FROM unnest(
    ${some.map(({ deviceId }) => rowIdOf.device(deviceId))}::bigint[],
    ${some.map(({ channelId }) => rowIdOf.channel(channelId))}::bigint[],
    ${some.map(({ seq }) => BigInt(seq))}::bigint[],
    ${some.map(({ userId }) => rowIdOf.user(userId))}::bigint[],
    ${some.map(({ outcome }) => outcome)}::text[],
    ${some.map(({ trace }) => JSON.stringify(trace))}::text[],
    ${some.map(({ answer }) => (answer === null ? null : JSON.stringify(answer)))}::text[]
  ) AS k (device_id, channel_id, seq, user_id, outcome, trace, answer)
  LEFT JOIN notification_decision o
    ON (o.user_id, o.channel_id, o.seq, o.device_id) = (k.user_id, k.channel_id, k.seq, k.device_id)
  WHERE o.device_id IS NULL OR (o.outcome::text, o.trace, o.answer) IS DISTINCT FROM (k.outcome, k.trace::jsonb, k.answer::jsonb)
  ORDER BY k.user_id, k.channel_id, k.seq, k.device_id
  ON CONFLICT (user_id, channel_id, seq, device_id) DO UPDATE SET outcome = excluded.outcome, trace = excluded.trace,
    answer = CASE WHEN excluded.outcome = 'POSTPONED' THEN coalesce(excluded.answer, d.answer) ELSE excluded.answer END,
    decided_at = excluded.decided_at
  WHERE (d.outcome IN ('SUPPRESSED', 'POSTPONED') OR excluded.outcome IN ('SENT', 'FAILED'))
    AND (d.outcome, d.trace, d.answer) IS DISTINCT FROM (excluded.outcome, excluded.trace, excluded.answer)`;

type Done = { readonly deviceId: DeviceId; readonly userId: UserId; readonly channelId: ChannelId };

/** What of a stretch of a channel was sent to a device, or failed for good: nothing of it is sent again. */
export async function doneIn(
  db: Pick<Prisma.TransactionClient, '$queryRaw'>,
  { deviceId, userId, channelId }: Done,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<number, 'SENT' | 'FAILED'>> {
  const rows = await db.$queryRaw<{ seq: bigint; outcome: 'SENT' | 'FAILED' }[]>`
    SELECT seq, outcome::text FROM notification_decision
    WHERE user_id = ${rowIdOf.user(userId)} AND channel_id = ${rowIdOf.channel(channelId)}
      AND seq BETWEEN ${BigInt(from)} AND ${BigInt(to)}
      AND device_id = ${rowIdOf.device(deviceId)} AND outcome IN ('SENT', 'FAILED')`;
  return new Map(rows.map(({ seq, outcome }) => [Number(seq), outcome]));
}
