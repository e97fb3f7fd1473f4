import { due, now } from './decision-table.contract.ts';
import {
  deliveryMs,
  maxAgeMs,
  type NotificationFacts,
  type NotificationLevel,
  type NotificationPreferences,
  stayMs,
} from './notification.policy.ts';
import type { QuietHours } from './quiet-hours.ts';

type Random = () => number;
const levels: readonly NotificationLevel[] = ['ALL', 'ALL', 'REPLIES', 'NOTHING'];
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Nowhere/At_All'];
const number = due.message.number;

/** Anything, mostly so that the later rules are asked, too, and at their edges more often than chance would have it. */
export function randomFacts(random: Random): NotificationFacts {
  const { happens, oneOf, upTo } = chanceOf(random);
  const ageMs =
    oneOf([0, 1, deliveryMs, stayMs, maxAgeMs, upTo(120_000), upTo(maxAgeMs)]) + oneOf([-1, 0, 0, 1]);
  const createdAt = now - ageMs;
  const isActive = happens(0.4);
  return {
    now,
    message: {
      ...{ createdAt, number },
      ...{ isOwn: happens(0.04), isDeleted: happens(0.04), isReplyToThem: happens(0.5) },
    },
    person: {
      ...{ isBlocked: happens(0.04), isMember: happens(0.96) },
      ...{
        readNumber: oneOf([0, 0, number - 1, number - 1, number]),
        deliveredNumber: oneOf([0, number - 1, number]),
      },
      isActive,
      activeUntil: isActive || happens(0.2) ? undefined : now - upTo(2 * 3_600_000),
      ...{ isMuted: happens(0.2), isArchived: happens(0.05) },
      channelLevel: happens(0.5) ? null : oneOf(levels),
      preferences: randomPreferences(random),
    },
    device: { registeredAt: happens(0.1) ? undefined : oneOf([0, 0, 0, createdAt, createdAt + 1]) },
  };
}

function randomPreferences(random: Random): NotificationPreferences {
  const { happens, oneOf, upTo } = chanceOf(random);
  return {
    level: oneOf(levels),
    mutedReplies: happens(0.5),
    preview: oneOf(['FULL', 'SENDER', 'NOTHING']),
    quietSeconds: oneOf([0, 1, 60, 3_600, upTo(3_600)]),
    doNotDisturbUntil: happens(0.7) ? null : now + oneOf([-1, 0, 1, upTo(maxAgeMs)]),
    quietHours: happens(0.6) ? null : randomHours(random),
  };
}

/** Also some that nobody can have set. */
export function randomHours(random: Random): QuietHours {
  const { happens, oneOf, upTo } = chanceOf(random);
  const from = upTo(1_440);
  const days = [0, 1, 2, 3, 4, 5, 6].filter(() => happens(0.5));
  return { from, to: happens(0.1) ? from : upTo(1_440), days, timeZone: oneOf(zones) };
}

const chanceOf = (random: Random) => ({
  happens: (chance: number) => random() < chance,
  oneOf: <T extends string | number>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('Nothing to choose from.');
    return item;
  },
  upTo: (end: number) => Math.floor(random() * end),
});
