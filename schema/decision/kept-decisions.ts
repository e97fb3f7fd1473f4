import { z } from 'zod';
import type { NotificationOutcome } from '../../prisma/generated/client/client.ts';
import { batched } from '../batched.ts';
import {
  channelIdOf,
  type DeviceId,
  deviceIdOf,
  type MessageId,
  messageIdOf,
  placeOf,
  rowIdOf,
} from '../ids.ts';
import { idOf, isIn, numbersSeenIn, type ShownMessage } from '../message/message.ts';
import type { PushAnswer } from '../ports/push.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import { keptTraceOf, type ShownTrace } from './shown-trace.ts';

/** Why a device of the viewer was told of a message, or was not. */
export type DeviceDecision = {
  readonly messageId: MessageId;
  readonly deviceId: DeviceId;
  readonly outcome: NotificationOutcome;
  readonly trace: ShownTrace;
  /** Null while nothing was sent to it. */
  readonly answer: KeptAnswer | null;
  readonly decidedAt: Date;
};
/** What its push service answered, and when; `unknown`: another release kept it, in a word of its own. */
type KeptAnswer = Pick<PushAnswer, 'status' | 'reason'> & {
  readonly outcome: PushAnswer['outcome'] | 'unknown';
  readonly at: number;
};
export type MessageDecision = { readonly message: ShownMessage; readonly devices: readonly DeviceDecision[] };

/** How long a decision can be read, in milliseconds, however late the old ones are deleted. */
export const keptMs = 30 * 24 * 60 * 60 * 1_000;

type Row = {
  readonly deviceId: bigint;
  readonly channelId: bigint;
  readonly seq: bigint;
  readonly outcome: NotificationOutcome;
  readonly trace: unknown;
  readonly answer: unknown;
  readonly decidedAt: Date;
};

/** An answer counts although a part of it is not readable: that there was one, and when, is worth telling. */
const keptAnswer = z.object({
  outcome: z.enum(['accepted', 'gone', 'later', 'refused', 'unknown']).catch('unknown'),
  status: z.int().nullable().catch(null),
  reason: z.string().nullable().catch(null),
  at: z.number().or(z.iso.datetime().transform(Date.parse)),
});

function answerOf({ answer, decidedAt }: Row): KeptAnswer | null {
  if (answer === null) return null;
  const { data } = keptAnswer.safeParse(answer);
  return data ?? { outcome: 'unknown', status: null, reason: null, at: decidedAt.getTime() };
}

const decisionOfRow = (row: Row): DeviceDecision => ({
  messageId: messageIdOf(channelIdOf(row.channelId), Number(row.seq)),
  deviceId: deviceIdOf(row.deviceId),
  outcome: row.outcome,
  trace: keptTraceOf(row.trace, row.outcome),
  answer: answerOf(row),
  decidedAt: row.decidedAt,
});

/** Those of the viewer's own devices, whatever message is asked about: all messages of an operation in one statement. */
const ownDecisions = batched<MessageId, readonly DeviceDecision[]>(async ({ prisma, viewer, clock }, ids) => {
  if (viewer === undefined) return new Map();
  const places = ids.flatMap((id) => placeOf(id) ?? []);
  const channels = places.map(({ channelId }) => rowIdOf.channel(channelId));
  const seqs = places.map(({ seq }) => BigInt(seq));
  const rows = await prisma.$queryRaw<Row[]>`
    SELECT d.device_id AS "deviceId", d.channel_id AS "channelId", d.seq, d.outcome::text, d.trace, d.answer,
      d.decided_at AS "decidedAt"
    FROM unnest(${channels}::bigint[], ${seqs}::bigint[]) AS asked (channel_id, seq)
    JOIN notification_decision d ON d.user_id = ${rowIdOf.user(viewer.id)}
      AND d.channel_id = asked.channel_id AND d.seq = asked.seq
    WHERE d.decided_at > ${new Date(clock.now() - keptMs)}
    ORDER BY d.device_id`;
  const decisions = new Map<MessageId, DeviceDecision[]>();
  for (const decision of rows.map(decisionOfRow)) {
    const ofMessage = decisions.get(decision.messageId);
    if (ofMessage) ofMessage.push(decision);
    else decisions.set(decision.messageId, [decision]);
  }
  return decisions;
});

/**
 * Why the viewer's own devices were told of a message, or were not; null when none of them was asked about, after 30 days, and where
 * the viewer may not see the message now: who was removed may hold it, and learns nothing more of it.
 */
export const decisionOf = (scope: Scope, message: ShownMessage): Soon<MessageDecision | null> =>
  whenThere(numbersSeenIn(scope, message.channelId), (seen) => {
    if (!isIn(seen, message.number)) return null;
    return whenThere(ownDecisions(scope, idOf(message)), (devices) =>
      devices ? { message, devices } : null,
    );
  });
