import { type InvalidInput, invalidInput } from '../verdict.ts';
import type { NotificationLevel, NotificationPreview } from './notification.policy.ts';
import { isTimeZone, minuteOf } from './quiet-hours.ts';

/** Monday first. */
export const weekdays = [
  'MONDAY',
  'TUESDAY',
  'WEDNESDAY',
  'THURSDAY',
  'FRIDAY',
  'SATURDAY',
  'SUNDAY',
] as const;
export type Weekday = (typeof weekdays)[number];

export type QuietHoursInput = {
  readonly from: string;
  readonly to: string;
  readonly days: readonly Weekday[];
  readonly timeZone: string;
};

/** What is absent stays as it is. So does what is null, but for the last two: that ends them. */
export type UpdateNotificationSettingsInput = {
  readonly level?: NotificationLevel | null | undefined;
  readonly mutedReplies?: boolean | null | undefined;
  readonly preview?: NotificationPreview | null | undefined;
  readonly quietSeconds?: number | null | undefined;
  readonly doNotDisturbUntil?: Date | null | undefined;
  readonly quietHours?: QuietHoursInput | null | undefined;
};

/** An hour: who has not looked for so long is away by anybody's measure. */
export const maxQuietSeconds = 3_600;

const aTime = 'Give a time from "00:00" to "23:59", such as "22:00".';

/** What of the times, days or zone cannot be used; undefined when all can. */
function checkQuietHours({ from, to, days, timeZone }: QuietHoursInput): InvalidInput | undefined {
  if (minuteOf(from) === undefined) return invalidInput('MALFORMED', 'quietHours.from', aTime);
  if (minuteOf(to) === undefined) return invalidInput('MALFORMED', 'quietHours.to', aTime);
  if (days.length === 0)
    return invalidInput('EMPTY', 'quietHours.days', 'Name a day, or give no quiet hours at all: null.');
  if (new Set(days).size < days.length)
    return invalidInput('MALFORMED', 'quietHours.days', 'Name each day once.');
  return isTimeZone(timeZone)
    ? undefined
    : invalidInput('MALFORMED', 'quietHours.timeZone', 'Give a known time zone, such as "Europe/Lisbon".');
}

/** What of this cannot be used; undefined when all can. `now` in milliseconds since 1970. */
export function checkSettings(
  { quietSeconds, doNotDisturbUntil, quietHours }: UpdateNotificationSettingsInput,
  now: number,
): InvalidInput | undefined {
  if (typeof quietSeconds === 'number' && (quietSeconds < 0 || quietSeconds > maxQuietSeconds))
    return invalidInput('MALFORMED', 'quietSeconds', `Give 0 to ${maxQuietSeconds} seconds.`);
  if (doNotDisturbUntil && doNotDisturbUntil.getTime() <= now)
    return invalidInput(
      'MALFORMED',
      'doNotDisturbUntil',
      'That time has passed: give a later one, or null to be disturbed again.',
    );
  return quietHours ? checkQuietHours(quietHours) : undefined;
}
