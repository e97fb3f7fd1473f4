import {
  defaultPreferences,
  deliveryMs,
  looks,
  maxAgeMs,
  type NotificationFacts,
  type NotificationPreferences,
  type NotificationReason,
  type NotificationRule,
  stayMs,
} from './notification.policy.ts';

/** What is otherwise than in a message that is due. */
export type Change = {
  /** How old it is, in milliseconds. */
  readonly ageMs?: number;
  readonly message?: Partial<NotificationFacts['message']>;
  readonly person?: Partial<NotificationFacts['person']>;
  readonly preferences?: Partial<NotificationPreferences>;
  readonly device?: Partial<NotificationFacts['device']>;
};

const minute = 60_000;
/** A Tuesday, a second past 12:30. */
export const now = Date.UTC(2030, 0, 1, 12, 30, 1);

/** A message that is due, to somebody who has set nothing and is away. */
export const due: NotificationFacts = {
  now,
  message: {
    createdAt: now - minute,
    number: 7,
    ...{ isOwn: false, isDeleted: false, isReplyToThem: false },
  },
  person: {
    ...{ isBlocked: false, isMember: true },
    ...{ readNumber: 0, deliveredNumber: 0 },
    ...{ isActive: false, activeUntil: undefined },
    ...{ isMuted: false, isArchived: false, channelLevel: null },
    preferences: defaultPreferences,
  },
  device: { registeredAt: 0 },
};

export const factsWith = ({ ageMs = minute, message, person, preferences, device }: Change) => ({
  now,
  message: { ...due.message, createdAt: now - ageMs, ...message },
  person: { ...due.person, ...person, preferences: { ...defaultPreferences, ...preferences } },
  device: { ...due.device, ...device },
});

/** All that is otherwise in one of them; what both change is as the second has it. */
export const both = (first: Change, second: Change): Change => ({
  ...first,
  ...second,
  message: { ...first.message, ...second.message },
  person: { ...first.person, ...second.person },
  preferences: { ...first.preferences, ...second.preferences },
  device: { ...first.device, ...second.device },
});

const active = { isActive: true, activeUntil: undefined };
const number = due.message.number;
const has = { deliveredNumber: number };
const reply = { isReplyToThem: true };

/** Every Tuesday from 12:00. */
const quietUntil = (
  hours: number,
  minutes: number,
  preferences: Partial<NotificationPreferences> = {},
): Change => ({
  preferences: {
    ...preferences,
    quietHours: { days: [1], from: 12 * 60, to: hours * 60 + minutes, timeZone: 'UTC' },
  },
});

type Result = 'PASSES' | 'STOPS' | 'WAITS';
/** A rule, what is otherwise than in a message that is due, what the rule says to it; and of WAITS, in how many milliseconds again. */
export type Row = readonly [NotificationRule, Change, Result, NotificationReason, number?];

export const rows: readonly Row[] = [
  ['SENDER', {}, 'PASSES', 'BY_SOMEBODY_ELSE'],
  ['SENDER', { message: { isOwn: true } }, 'STOPS', 'OWN'],

  ['BLOCKED', {}, 'PASSES', 'NOT_BLOCKED'],
  ['BLOCKED', { person: { isBlocked: true } }, 'STOPS', 'BLOCKED'],

  ['MEMBER', {}, 'PASSES', 'IS_MEMBER'],
  ['MEMBER', { person: { isMember: false } }, 'STOPS', 'NO_MEMBER'],

  ['DELETED', {}, 'PASSES', 'STANDS'],
  ['DELETED', { message: { isDeleted: true } }, 'STOPS', 'DELETED'],

  ['TOO_OLD', {}, 'PASSES', 'RECENT'],
  ['TOO_OLD', { ageMs: -1 }, 'PASSES', 'RECENT'],
  ['TOO_OLD', { ageMs: maxAgeMs }, 'PASSES', 'RECENT'],
  ['TOO_OLD', { ageMs: maxAgeMs + 1 }, 'STOPS', 'OLD'],

  ['READ', {}, 'PASSES', 'UNREAD'],
  ['READ', { person: { readNumber: number - 1 } }, 'PASSES', 'UNREAD'],
  ['READ', { person: { readNumber: number } }, 'STOPS', 'READ'],
  ['READ', { person: { readNumber: number + 1 } }, 'STOPS', 'READ'],

  ['ACTIVE', {}, 'PASSES', 'AWAY'],
  // Whatever a device holds: who is away has not seen it.
  ['ACTIVE', { ageMs: 0, person: has }, 'PASSES', 'AWAY'],
  ['ACTIVE', { ageMs: -1, person: active }, 'WAITS', 'ON_ITS_WAY', deliveryMs + 1],
  ['ACTIVE', { ageMs: 0, person: active }, 'WAITS', 'ON_ITS_WAY', deliveryMs],
  ['ACTIVE', { ageMs: deliveryMs - 1, person: active }, 'WAITS', 'ON_ITS_WAY', 1],
  ['ACTIVE', { ageMs: deliveryMs, person: active }, 'PASSES', 'NOT_DELIVERED'],
  [
    'ACTIVE',
    { ageMs: stayMs, person: { ...active, deliveredNumber: number - 1 } },
    'PASSES',
    'NOT_DELIVERED',
  ],
  ['ACTIVE', { ageMs: -1, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', looks.firstMs],
  ['ACTIVE', { ageMs: 0, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', looks.firstMs],
  ['ACTIVE', { ageMs: 0, person: { ...active, deliveredNumber: number + 1 } }, 'WAITS', 'ACTIVE', 15_000],
  ['ACTIVE', { ageMs: 15_000, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', 15_000],
  ['ACTIVE', { ageMs: 15_001, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', 15_001],
  ['ACTIVE', { ageMs: 299_999, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', 299_999],
  ['ACTIVE', { ageMs: 300_001, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', looks.mostMs],
  ['ACTIVE', { ageMs: stayMs - 1, person: { ...active, ...has } }, 'WAITS', 'ACTIVE', looks.mostMs],
  ['ACTIVE', { ageMs: stayMs, person: { ...active, ...has } }, 'STOPS', 'STAYED_ACTIVE'],

  ['MUTED', {}, 'PASSES', 'NOT_MUTED'],
  ['MUTED', { person: { isMuted: true } }, 'STOPS', 'MUTED'],
  ['MUTED', { person: { isMuted: true }, message: reply }, 'STOPS', 'MUTED'],
  ['MUTED', { person: { isMuted: true }, preferences: { mutedReplies: true } }, 'STOPS', 'MUTED'],
  [
    'MUTED',
    { person: { isMuted: true }, message: reply, preferences: { mutedReplies: true } },
    'PASSES',
    'MUTED_REPLY',
  ],
  ['MUTED', { person: { isArchived: true } }, 'STOPS', 'ARCHIVED'],
  [
    'MUTED',
    { person: { isMuted: true, isArchived: true }, message: reply, preferences: { mutedReplies: true } },
    'STOPS',
    'ARCHIVED',
  ],

  ['DO_NOT_DISTURB', {}, 'PASSES', 'MAY_DISTURB'],
  ['DO_NOT_DISTURB', { preferences: { doNotDisturbUntil: now + 1 } }, 'STOPS', 'DO_NOT_DISTURB'],
  ['DO_NOT_DISTURB', { preferences: { doNotDisturbUntil: now } }, 'PASSES', 'MAY_DISTURB'],
  ['DO_NOT_DISTURB', { preferences: { doNotDisturbUntil: now - 1 } }, 'PASSES', 'MAY_DISTURB'],
  ['DO_NOT_DISTURB', quietUntil(12, 31), 'STOPS', 'QUIET_HOURS'],
  ['DO_NOT_DISTURB', quietUntil(12, 30), 'PASSES', 'MAY_DISTURB'],
  ['DO_NOT_DISTURB', quietUntil(12, 31, { doNotDisturbUntil: now }), 'STOPS', 'QUIET_HOURS'],
  ['DO_NOT_DISTURB', quietUntil(12, 31, { doNotDisturbUntil: now + 1 }), 'STOPS', 'DO_NOT_DISTURB'],

  ['CHANNEL', {}, 'PASSES', 'CHANNEL_UNSET'],
  ['CHANNEL', { person: { channelLevel: 'ALL' } }, 'PASSES', 'CHANNEL_ALL'],
  ['CHANNEL', { person: { channelLevel: 'NOTHING' } }, 'STOPS', 'CHANNEL_NOTHING'],
  ['CHANNEL', { person: { channelLevel: 'NOTHING' }, message: reply }, 'STOPS', 'CHANNEL_NOTHING'],
  ['CHANNEL', { person: { channelLevel: 'REPLIES' } }, 'STOPS', 'CHANNEL_REPLIES_ONLY'],
  ['CHANNEL', { person: { channelLevel: 'REPLIES' }, message: reply }, 'PASSES', 'CHANNEL_REPLY'],

  ['GLOBAL', {}, 'PASSES', 'GLOBAL_ALL'],
  ['GLOBAL', { preferences: { level: 'NOTHING' } }, 'STOPS', 'GLOBAL_NOTHING'],
  ['GLOBAL', { preferences: { level: 'NOTHING' }, message: reply }, 'STOPS', 'GLOBAL_NOTHING'],
  ['GLOBAL', { preferences: { level: 'REPLIES' } }, 'STOPS', 'GLOBAL_REPLIES_ONLY'],
  ['GLOBAL', { preferences: { level: 'REPLIES' }, message: reply }, 'PASSES', 'GLOBAL_REPLY'],
  // What was said of the channel comes first, whatever is wanted of the others.
  [
    'GLOBAL',
    { person: { channelLevel: 'ALL' }, preferences: { level: 'NOTHING' } },
    'PASSES',
    'CHANNEL_DECIDES',
  ],
  [
    'GLOBAL',
    { person: { channelLevel: 'REPLIES' }, message: reply, preferences: { level: 'NOTHING' } },
    'PASSES',
    'CHANNEL_DECIDES',
  ],

  ['IDLE', {}, 'PASSES', 'IDLE'],
  ['IDLE', { person: { activeUntil: now } }, 'PASSES', 'IDLE'],
  ['IDLE', { person: active, ageMs: deliveryMs }, 'PASSES', 'IDLE'],
  ['IDLE', { person: { activeUntil: undefined }, preferences: { quietSeconds: 3_600 } }, 'PASSES', 'IDLE'],
  ['IDLE', { person: { activeUntil: now - minute }, preferences: { quietSeconds: 60 } }, 'PASSES', 'IDLE'],
  [
    'IDLE',
    { person: { activeUntil: now - minute + 1 }, preferences: { quietSeconds: 60 } },
    'WAITS',
    'NOT_IDLE_YET',
    1,
  ],
  [
    'IDLE',
    { person: { activeUntil: now }, preferences: { quietSeconds: 1 } },
    'WAITS',
    'NOT_IDLE_YET',
    1_000,
  ],
  // Still there, and the message did not get through: not before they can be idle, and not more often than while it did.
  [
    'IDLE',
    { person: active, ageMs: minute, preferences: { quietSeconds: 3_600 } },
    'WAITS',
    'NOT_IDLE_YET',
    60 * minute,
  ],
  [
    'IDLE',
    { person: active, ageMs: deliveryMs, preferences: { quietSeconds: 1 } },
    'WAITS',
    'NOT_IDLE_YET',
    deliveryMs,
  ],
  [
    'IDLE',
    { person: active, ageMs: 60 * minute, preferences: { quietSeconds: 1 } },
    'WAITS',
    'NOT_IDLE_YET',
    looks.mostMs,
  ],

  ['ENDPOINT', {}, 'PASSES', 'REACHABLE'],
  ['ENDPOINT', { device: { registeredAt: due.message.createdAt } }, 'PASSES', 'REACHABLE'],
  ['ENDPOINT', { device: { registeredAt: due.message.createdAt + 1 } }, 'STOPS', 'REGISTERED_LATER'],
  ['ENDPOINT', { device: { registeredAt: undefined } }, 'STOPS', 'NO_ENDPOINT'],
];
