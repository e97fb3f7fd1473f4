import { incomingId, placeOf, rowIdOf, type UserId } from '../../../schema/ids.ts';
import type { World } from '../world.ts';

export type Kept = {
  readonly messageId: string;
  readonly userId: UserId;
  readonly deviceId: string;
  readonly outcome?: 'SENT' | 'SUPPRESSED' | 'POSTPONED' | 'FAILED';
  readonly trace?: unknown;
  readonly answer?: object;
  /** Milliseconds since 1970; now without it. */
  readonly decidedAt?: number;
};

/** A decision as a worker keeps it. */
export async function keepDecision({ product: { prisma, clock } }: World, kept: Kept): Promise<void> {
  const place = placeOf(incomingId(kept.messageId));
  if (place === undefined) throw new Error(`Not the id of a message: ${kept.messageId}`);
  await prisma.notificationDecision.create({
    data: {
      userId: rowIdOf.user(kept.userId),
      channelId: rowIdOf.channel(place.channelId),
      seq: place.seq,
      deviceId: rowIdOf.device(incomingId(kept.deviceId)),
      outcome: kept.outcome ?? 'SUPPRESSED',
      trace: kept.trace ?? [
        ['SENDER', 'PASSES', 'BY_SOMEBODY_ELSE'],
        ['BLOCKED', 'STOPS', 'BLOCKED'],
      ],
      ...(kept.answer && { answer: kept.answer }),
      decidedAt: new Date(kept.decidedAt ?? clock.now()),
    },
  });
}

const step = 'rule result because explanation';
/** All that there is to know about it. */
export const decisionFields = `notificationDecision { id message { id } devices { id deviceId device { id } outcome decidedBy
  trace { ${step} } answer { outcome status reason at } decidedAt } }`;

export type ShownDecision = {
  readonly id: string;
  readonly message: { readonly id: string } | null;
  readonly devices: readonly {
    readonly id: string;
    readonly deviceId: string;
    readonly device: { readonly id: string } | null;
    readonly outcome: string;
    readonly decidedBy: string;
    readonly trace: readonly Readonly<Record<'rule' | 'result' | 'because' | 'explanation', string>>[];
    readonly answer: object | null;
    readonly decidedAt: string;
  }[];
};
