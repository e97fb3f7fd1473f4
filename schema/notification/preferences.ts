import type { NotificationSettings } from '../../prisma/generated/client/client.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { defaultPreferences, type NotificationPreferences } from './notification.policy.ts';
import { daysIn } from './quiet-hours.ts';

/** How each of these people wants to be notified: everybody asked for is in the answer. One statement, however many they are. */
export async function preferencesOf(
  { prisma }: Pick<Scope, 'prisma'>,
  userIds: readonly UserId[],
): Promise<ReadonlyMap<UserId, NotificationPreferences>> {
  const found = new Map<UserId, NotificationPreferences>(userIds.map((id) => [id, defaultPreferences]));
  // An array, not Prisma's list: that would be one parameter each, and too many of them more than one statement.
  const rows = await prisma.$queryRaw<PreferencesRow[]>`
    SELECT user_id AS "userId", level::text, muted_replies AS "mutedReplies", preview::text, quiet_seconds AS "quietSeconds",
      do_not_disturb_until AS "doNotDisturbUntil", do_not_disturb_from AS "doNotDisturbFrom",
      do_not_disturb_to AS "doNotDisturbTo", do_not_disturb_days AS "doNotDisturbDays",
      do_not_disturb_time_zone AS "doNotDisturbTimeZone"
    FROM notification_settings WHERE user_id = ANY (${[...found.keys()].map(rowIdOf.user)}::bigint[])`;
  for (const row of rows) found.set(userIdOf(row.userId), preferencesIn(row));
  return found;
}

type PreferencesRow = NotificationSettings;

function preferencesIn(row: PreferencesRow): NotificationPreferences {
  const { level, mutedReplies, preview, quietSeconds, doNotDisturbUntil } = row;
  return {
    ...{ level, mutedReplies, preview, quietSeconds },
    doNotDisturbUntil: doNotDisturbUntil?.getTime() ?? null,
    quietHours: quietHoursIn(row),
  };
}

function quietHoursIn(row: PreferencesRow): NotificationPreferences['quietHours'] {
  const { doNotDisturbFrom: from, doNotDisturbTo: to, doNotDisturbTimeZone: timeZone } = row;
  if (from === null || to === null || row.doNotDisturbDays === null || timeZone === null) return null;
  return { from, to, days: daysIn(row.doNotDisturbDays), timeZone };
}
