import type { Prisma } from '../../prisma/generated/client/client.ts';
import { rowIdOf } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import type { InvalidInput } from '../verdict.ts';
import { moveViewerFeed } from '../viewer-feed.ts';
import { bitsOf, minuteOf } from './quiet-hours.ts';
import {
  checkSettings,
  type QuietHoursInput,
  type UpdateNotificationSettingsInput,
  weekdays,
} from './settings.policy.ts';

/** Changes how the viewer wants to be notified, and tells their other devices if it did. */
export async function updateNotificationSettings(
  { viewer, prisma, stream, clock }: ViewerScope,
  input: UpdateNotificationSettingsInput,
): Promise<{ readonly viewer: Viewer } | InvalidInput> {
  const invalid = checkSettings(input, clock.now());
  if (invalid) return invalid;
  const given = Object.entries(columnsOf(input)).filter(([, value]) => value !== undefined);
  if (given.length === 0) return { viewer };
  const userId = rowIdOf.user(viewer.id);
  const moved = await prisma.$transaction(async (tx) => {
    await tx.notificationSettings.createMany({ data: { userId }, skipDuplicates: true });
    // Only what is given is written, so that whoever sets something else at this moment has it, too.
    const { count } = await tx.notificationSettings.updateMany({
      where: { userId, OR: given.flatMap(differing) },
      data: Object.fromEntries(given),
    });
    return count > 0 ? moveViewerFeed(tx, userId) : undefined;
  });
  if (moved) stream.announceFeed(moved);
  return { viewer };
}

/** Undefined is what stays. */
function columnsOf(input: UpdateNotificationSettingsInput): Prisma.NotificationSettingsUncheckedUpdateInput {
  const { level, mutedReplies, preview, quietSeconds, doNotDisturbUntil, quietHours } = input;
  return {
    level: level ?? undefined,
    mutedReplies: mutedReplies ?? undefined,
    preview: preview ?? undefined,
    quietSeconds: quietSeconds ?? undefined,
    doNotDisturbUntil,
    ...(quietHours === undefined ? {} : columnsOfHours(quietHours)),
  };
}

const noHours = {
  ...{ doNotDisturbFrom: null, doNotDisturbTo: null },
  ...{ doNotDisturbDays: null, doNotDisturbTimeZone: null },
};

/** Checked before: these are times. */
function columnsOfHours(hours: QuietHoursInput | null) {
  if (hours === null) return noHours;
  return {
    doNotDisturbFrom: minuteOf(hours.from),
    doNotDisturbTo: minuteOf(hours.to),
    doNotDisturbDays: bitsOf(hours.days.map((day) => weekdays.indexOf(day))),
    doNotDisturbTimeZone: hours.timeZone,
  };
}

/** Where this column is something else. Of one that is null, SQL does not know whether it differs. */
const differing = ([column, value]: [string, unknown]): Prisma.NotificationSettingsWhereInput[] =>
  value === null || !column.startsWith('doNotDisturb')
    ? [{ [column]: { not: value } }]
    : [{ [column]: { not: value } }, { [column]: null }];
