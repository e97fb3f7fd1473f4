import { isQuietAt, type QuietHours } from './quiet-hours.ts';

/**
 * The rules in the order in which they are asked; the first that stops or waits decides. The order is published: clients show it,
 * and a new rule is a change of the public schema.
 */
export const notificationRules = [
  'SENDER',
  'BLOCKED',
  'MEMBER',
  'DELETED',
  'TOO_OLD',
  'READ',
  'ACTIVE',
  'MUTED',
  'DO_NOT_DISTURB',
  'CHANNEL',
  'GLOBAL',
  'IDLE',
  'ENDPOINT',
] as const;
export type NotificationRule = (typeof notificationRules)[number];

export type NotificationLevel = 'ALL' | 'REPLIES' | 'NOTHING';
export type NotificationPreview = 'FULL' | 'SENDER' | 'NOTHING';

/** How a person wants to be notified, everywhere. */
export type NotificationPreferences = {
  readonly level: NotificationLevel;
  /** A reply to them comes through although its channel is muted. */
  readonly mutedReplies: boolean;
  readonly preview: NotificationPreview;
  /** A device is left alone until nobody has been active for so long. */
  readonly quietSeconds: number;
  /** Milliseconds since 1970; null: no such time. */
  readonly doNotDisturbUntil: number | null;
  readonly quietHours: QuietHours | null;
};

/** Of somebody who has set nothing. */
export const defaultPreferences: NotificationPreferences = Object.freeze({
  level: 'ALL',
  mutedReplies: false,
  preview: 'FULL',
  quietSeconds: 0,
  doNotDisturbUntil: null,
  quietHours: null,
});

/** What is asked about one message and one device of one person, all of it as of `now`. Times in milliseconds since 1970. */
export type NotificationFacts = {
  readonly now: number;
  readonly message: {
    readonly createdAt: number;
    readonly number: number;
    readonly isOwn: boolean;
    readonly isDeleted: boolean;
    readonly isReplyToThem: boolean;
  };
  readonly person: {
    /** They have blocked the author. A block of the other side decides nothing here: they are not to learn of it. */
    readonly isBlocked: boolean;
    /** They are in the channel now, and may see this message. */
    readonly isMember: boolean;
    readonly readNumber: number;
    /** A device of theirs holds everything up to here. */
    readonly deliveredNumber: number;
    /** Active on some device at this moment; or when they were last, undefined if that is not known any more. */
    readonly isActive: boolean;
    readonly activeUntil: number | undefined;
    readonly isMuted: boolean;
    readonly isArchived: boolean;
    /** What they want of this channel; null: as everywhere. */
    readonly channelLevel: NotificationLevel | null;
    readonly preferences: NotificationPreferences;
  };
  readonly device: {
    /** Signed in, with an endpoint of a service that this installation can send to; since when. */
    readonly registeredAt: number | undefined;
  };
};

/** `because` says which side of the rule it was: a key for clients, see `notificationReasons`. */
export type NotificationStep = {
  readonly rule: NotificationRule;
  readonly result: 'PASSES' | 'STOPS' | 'WAITS';
  readonly because: NotificationReason;
};

/** Words for people, by the key of each answer that a rule can give. */
export const notificationReasons = {
  BY_SOMEBODY_ELSE: 'It is by somebody else.',
  OWN: 'It is their own message.',
  NOT_BLOCKED: 'They have not blocked whoever said it.',
  BLOCKED: 'They have blocked whoever said it.',
  IS_MEMBER: 'They are in the channel, and may see it.',
  NO_MEMBER: 'They are not in the channel any more, or may not see this message.',
  STANDS: 'It has not been deleted.',
  DELETED: 'It has been deleted.',
  RECENT: 'It is less than a day old.',
  OLD: 'It is more than a day old.',
  UNREAD: 'They have not read it.',
  READ: 'They have read it.',
  AWAY: 'They are active on no device.',
  NOT_DELIVERED: 'They are active, but no device has confirmed it in time.',
  ON_ITS_WAY: 'They are active, and it is on its way to their device.',
  ACTIVE: 'They are active on a device that has it.',
  STAYED_ACTIVE: 'They stayed active on a device that has it, and did not turn to it.',
  NOT_MUTED: 'They have not muted the channel.',
  MUTED_REPLY: 'They have muted the channel, but want replies to them all the same.',
  MUTED: 'They have muted the channel.',
  ARCHIVED: 'They have put the channel away.',
  MAY_DISTURB: 'They may be disturbed now.',
  DO_NOT_DISTURB: 'They want not to be disturbed for a while.',
  QUIET_HOURS: 'They want not to be disturbed at this time of day.',
  CHANNEL_UNSET: 'They want of this channel what they want of all.',
  CHANNEL_ALL: 'They want to hear of everything in this channel.',
  CHANNEL_REPLY: 'They want to hear of replies to them in this channel, and it is one.',
  CHANNEL_REPLIES_ONLY: 'They want to hear only of replies to them in this channel.',
  CHANNEL_NOTHING: 'They want to hear of nothing in this channel.',
  CHANNEL_DECIDES: 'What they want of the channel comes first.',
  GLOBAL_ALL: 'They want to hear of everything.',
  GLOBAL_REPLY: 'They want to hear of replies to them, and it is one.',
  GLOBAL_REPLIES_ONLY: 'They want to hear only of replies to them.',
  GLOBAL_NOTHING: 'They want to hear of nothing.',
  IDLE: 'Nobody has been active for as long as they want.',
  NOT_IDLE_YET: 'They were active a moment ago, and want a device left alone for a while then.',
  REACHABLE: 'The device can be reached.',
  NO_ENDPOINT: 'The device is not signed in, or has not asked for pushes.',
  REGISTERED_LATER: 'The device has asked for pushes only after this was said.',
} as const;
export type NotificationReason = keyof typeof notificationReasons;

/** What is to be done for one device, and why. */
export type NotificationVerdict = {
  readonly outcome: 'SEND' | 'SUPPRESS' | 'WAIT';
  /** The rules that were asked, in order; the last one decided. */
  readonly trace: readonly NotificationStep[];
  /** Of WAIT: when to ask again, in milliseconds since 1970. */
  readonly askAgainAt?: number;
};

/** Nobody is woken for what is older, in milliseconds: after an outage, a phone must not ring for the day before. */
export const maxAgeMs = 24 * 60 * 60 * 1_000;
/** How long a message may take to a device that is active, in milliseconds: a half-open socket is found out in 35 s. */
export const deliveryMs = 35_000;
/** Who has stayed active for so long on a device that has a message does not want to be told of it again, in milliseconds. */
export const stayMs = 60 * 60 * 1_000;
/** While somebody is active it is asked again so often, in milliseconds: first soon, then as late as the message is old, at most this. */
export const looks = { firstMs: 15_000, mostMs: 5 * 60_000 } as const;

/** `at` is when to ask again. */
type Answer =
  | { readonly result: 'PASSES' | 'STOPS'; readonly because: NotificationReason }
  | { readonly result: 'WAITS'; readonly because: NotificationReason; readonly at: number };
const passes = (because: NotificationReason): Answer => ({ result: 'PASSES', because });
const stops = (because: NotificationReason): Answer => ({ result: 'STOPS', because });
const waits = (because: NotificationReason, at: number): Answer => ({ result: 'WAITS', because, at });

const answers: { readonly [R in NotificationRule]: (facts: NotificationFacts) => Answer } = {
  SENDER: ({ message }) => (message.isOwn ? stops('OWN') : passes('BY_SOMEBODY_ELSE')),
  BLOCKED: ({ person }) => (person.isBlocked ? stops('BLOCKED') : passes('NOT_BLOCKED')),
  MEMBER: ({ person }) => (person.isMember ? passes('IS_MEMBER') : stops('NO_MEMBER')),
  DELETED: ({ message }) => (message.isDeleted ? stops('DELETED') : passes('STANDS')),
  TOO_OLD: ({ message, now }) => (now - message.createdAt > maxAgeMs ? stops('OLD') : passes('RECENT')),
  READ: ({ message, person }) => (person.readNumber >= message.number ? stops('READ') : passes('UNREAD')),
  ACTIVE: whileActive,
  MUTED: ({ message, person }) => {
    if (person.isArchived) return stops('ARCHIVED');
    if (!person.isMuted) return passes('NOT_MUTED');
    return message.isReplyToThem && person.preferences.mutedReplies ? passes('MUTED_REPLY') : stops('MUTED');
  },
  DO_NOT_DISTURB: ({ person: { preferences }, now }) => {
    const { doNotDisturbUntil, quietHours } = preferences;
    if (doNotDisturbUntil !== null && doNotDisturbUntil > now) return stops('DO_NOT_DISTURB');
    return quietHours !== null && isQuietAt(quietHours, now) ? stops('QUIET_HOURS') : passes('MAY_DISTURB');
  },
  CHANNEL: ({ message, person: { channelLevel } }) => {
    if (channelLevel === null) return passes('CHANNEL_UNSET');
    if (channelLevel === 'ALL') return passes('CHANNEL_ALL');
    if (channelLevel === 'NOTHING') return stops('CHANNEL_NOTHING');
    return message.isReplyToThem ? passes('CHANNEL_REPLY') : stops('CHANNEL_REPLIES_ONLY');
  },
  GLOBAL: ({ message, person: { channelLevel, preferences } }) => {
    if (channelLevel !== null) return passes('CHANNEL_DECIDES');
    if (preferences.level === 'ALL') return passes('GLOBAL_ALL');
    if (preferences.level === 'NOTHING') return stops('GLOBAL_NOTHING');
    return message.isReplyToThem ? passes('GLOBAL_REPLY') : stops('GLOBAL_REPLIES_ONLY');
  },
  IDLE: untilIdle,
  ENDPOINT: ({ message, device: { registeredAt } }) => {
    if (registeredAt === undefined) return stops('NO_ENDPOINT');
    return registeredAt > message.createdAt ? stops('REGISTERED_LATER') : passes('REACHABLE');
  },
};

/** Who is at a device sees it there. It is asked again as long as they may still turn away without having read it. */
function whileActive({ message, person, now }: NotificationFacts): Answer {
  if (!person.isActive) return passes('AWAY');
  const age = now - message.createdAt;
  if (person.deliveredNumber < message.number)
    return age < deliveryMs ? waits('ON_ITS_WAY', message.createdAt + deliveryMs) : passes('NOT_DELIVERED');
  if (age >= stayMs) return stops('STAYED_ACTIVE');
  return waits('ACTIVE', now + pauseMs(age));
}

const pauseMs = (ageMs: number) => Math.min(Math.max(looks.firstMs, ageMs), looks.mostMs);

/** A short wait must not ask all day long about somebody who stays: while they are active, not more often than above. */
function untilIdle({ message, person, now }: NotificationFacts): Answer {
  const { preferences, isActive, activeUntil } = person;
  const quietMs = preferences.quietSeconds * 1_000;
  if (quietMs === 0) return passes('IDLE');
  if (isActive) return waits('NOT_IDLE_YET', now + Math.max(quietMs, pauseMs(now - message.createdAt)));
  const idleAt = (activeUntil ?? 0) + quietMs;
  return idleAt > now ? waits('NOT_IDLE_YET', idleAt) : passes('IDLE');
}

/** Total, and pure: the same facts always give the same verdict, and every verdict says why. */
export function decideNotification(facts: NotificationFacts): NotificationVerdict {
  const trace: NotificationStep[] = [];
  for (const rule of notificationRules) {
    const answer = answers[rule](facts);
    trace.push({ rule, result: answer.result, because: answer.because });
    if (answer.result === 'STOPS') return { outcome: 'SUPPRESS', trace };
    if (answer.result === 'WAITS') return { outcome: 'WAIT', trace, askAgainAt: answer.at };
  }
  return { outcome: 'SEND', trace };
}
