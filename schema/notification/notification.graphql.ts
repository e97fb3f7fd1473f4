import { batched } from '../batched.ts';
import { builder } from '../builder.ts';
import { idPrefix, type UserId } from '../ids.ts';
import { SettingsRef } from '../settings/settings.graphql.ts';
import { whenThere } from '../soon.ts';
import { ViewerStateRef } from '../viewer-state/viewer-state.graphql.ts';
import { defaultPreferences, type NotificationPreferences } from './notification.policy.ts';
import { preferencesOf } from './preferences.ts';
import { type QuietHours, timeOf } from './quiet-hours.ts';
import { weekdays } from './settings.policy.ts';

export const LevelEnum = builder.enumType('NotificationLevel', {
  description: 'Of what somebody wants to be notified.',
  values: {
    ALL: { description: 'Of everything that others say.' },
    REPLIES: { description: 'Of replies to messages of their own only.' },
    NOTHING: { description: 'Of nothing.' },
  },
});

export const PreviewEnum = builder.enumType('NotificationPreview', {
  description: 'What a notification says of a message, and so what the service that delivers it is handed.',
  values: {
    FULL: { description: 'Who wrote it, where, and its text.' },
    SENDER: { description: 'Who wrote it, and where.' },
    NOTHING: { description: 'Only that there is something: the device fetches the rest by itself.' },
  },
});

export const WeekdayEnum = builder.enumType('Weekday', {
  description: 'A day of the week.',
  values: {
    MONDAY: { description: 'The first one.' },
    TUESDAY: { description: 'The second one.' },
    WEDNESDAY: { description: 'The third one.' },
    THURSDAY: { description: 'The fourth one.' },
    FRIDAY: { description: 'The fifth one.' },
    SATURDAY: { description: 'The sixth one.' },
    SUNDAY: { description: 'The seventh one.' },
  },
});

/** For descriptions. */
export const timeOfDay = 'from `00:00` to `23:59`';
const QuietHoursRef = builder.objectRef<QuietHours>('QuietHours').implement({
  description: 'When somebody wants not to be disturbed, week by week, by the clock on their wall.',
  fields: (t) => ({
    from: t.string({
      description: `When it begins, ${timeOfDay}. This minute belongs to it.`,
      resolve: ({ from }) => timeOf(from),
    }),
    to: t.string({
      description: `When it ends, ${timeOfDay}: on the next day where that is not later than \`from\`. This minute does not belong to it.`,
      resolve: ({ to }) => timeOf(to),
    }),
    days: t.field({
      type: [WeekdayEnum],
      description: 'The days on which it begins, in the order of the week.',
      resolve: ({ days }) => weekdays.filter((_, day) => days.includes(day)),
    }),
    timeZone: t.exposeString('timeZone', {
      description: 'Where that clock hangs: a name of the IANA time zone database, such as `Europe/Lisbon`.',
    }),
  }),
});

type Settings = NotificationPreferences & { readonly userId: UserId };
const NotificationSettingsRef = builder.objectRef<Settings>('NotificationSettings').implement({
  description: 'How the viewer wants to be notified, on all devices.',
  fields: (t) => ({
    id: t.id({
      description: 'Never changes.',
      resolve: ({ userId }) => idPrefix.NotificationSettings + userId.slice(idPrefix.User.length),
    }),
    level: t.expose('level', {
      type: LevelEnum,
      description: 'Of what, where `Channel.viewerState { notificationLevel }` says nothing else.',
    }),
    mutedReplies: t.exposeBoolean('mutedReplies', {
      description: 'Also of a reply to them in a channel that they have muted?',
    }),
    preview: t.expose('preview', { type: PreviewEnum, description: 'What a notification says.' }),
    quietSeconds: t.exposeInt('quietSeconds', {
      description:
        'Their devices are left alone until nobody has been active for so many seconds. With 0, as soon as they turn away.',
    }),
    doNotDisturbUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Until when they want not to be disturbed at all; null when they may be. It ends by itself: no event tells that.',
      resolve: ({ doNotDisturbUntil: until }, _, { clock }) =>
        until !== null && until > clock.now() ? new Date(until) : null,
    }),
    quietHours: t.expose('quietHours', {
      type: QuietHoursRef,
      nullable: true,
      description: 'When they want not to be disturbed, week by week; null when there is no such time.',
    }),
  }),
});

/** Read for those who ask for it, with one statement. */
const preferencesIn = batched<UserId, NotificationPreferences>(preferencesOf);

builder.objectField(SettingsRef, 'notifications', (t) =>
  t.field({
    type: NotificationSettingsRef,
    description: 'How the viewer wants to be notified. `ViewerChanged` tells when it is something else.',
    resolve: ({ id }, _, scope) =>
      whenThere(preferencesIn(scope, id), (found) => ({ ...(found ?? defaultPreferences), userId: id })),
  }),
);

builder.objectField(ViewerStateRef, 'notificationLevel', (t) =>
  t.expose('notificationLevel', {
    type: LevelEnum,
    nullable: true,
    description:
      'Of what said here the viewer wants to be notified; null: as everywhere, see `NotificationSettings.level`. Muting comes first.',
  }),
);
