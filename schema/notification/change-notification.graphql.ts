import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { Viewer } from '../scope.ts';
import type { ViewerStateChanged } from '../viewer-state/viewer-state.ts';
import { LevelEnum, PreviewEnum, timeOfDay, WeekdayEnum } from './notification.graphql.ts';
import { setNotificationLevel } from './set-notification-level.ts';
import { updateNotificationSettings } from './update-notification-settings.ts';

const QuietHoursInputRef = builder.inputType('QuietHoursInput', {
  description: 'When the viewer wants not to be disturbed, week by week, by the clock on their wall.',
  fields: (t) => ({
    from: t.string({ required: true, description: `When it begins, ${timeOfDay}.` }),
    to: t.string({
      required: true,
      description: `When it ends, ${timeOfDay}. On the next day where that is not later than \`from\`; the same is a whole day.`,
    }),
    days: t.field({
      type: [WeekdayEnum],
      required: true,
      description: 'The days on which it begins: at least one, each once.',
    }),
    timeZone: t.string({
      required: true,
      description: 'Where that clock hangs: a name of the IANA time zone database, such as `Europe/Lisbon`.',
    }),
  }),
});

const UpdateNotificationSettingsInput = builder.inputType('UpdateNotificationSettingsInput', {
  description: 'What is to change; what is absent stays.',
  fields: (t) => ({
    level: t.field({ type: LevelEnum, description: 'Of what. Null stays.' }),
    mutedReplies: t.boolean({
      description: 'Also of a reply to the viewer in a channel that they have muted? Null stays.',
    }),
    preview: t.field({ type: PreviewEnum, description: 'What a notification says. Null stays.' }),
    quietSeconds: t.int({
      description:
        'To leave devices alone until nobody has been active for so many seconds: 0 to 3600. Null stays.',
    }),
    doNotDisturbUntil: t.field({
      type: 'DateTime',
      description: 'Until when not to disturb at all: later than now. Null ends it.',
    }),
    quietHours: t.field({
      type: QuietHoursInputRef,
      description: 'When not to disturb, week by week: replaces what was set before. Null ends it.',
    }),
  }),
});
const UpdateNotificationSettingsPayload = builder
  .objectRef<{ readonly viewer: Viewer }>('UpdateNotificationSettingsPayload')
  .implement({
    description: 'The settings are as they were asked for.',
    fields: (t) => ({
      viewer: t.field({
        type: ViewerRef,
        description: 'The viewer: see `settings { notifications }`.',
        resolve: ({ viewer }) => viewer,
      }),
    }),
  });
const UpdateNotificationSettingsResult = resultOf(
  'UpdateNotificationSettingsResult',
  UpdateNotificationSettingsPayload,
);

const SetNotificationLevelInput = builder.inputType('SetNotificationLevelInput', {
  description: 'Of what said in a channel to be notified.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'A channel of the viewer.' }),
    level: t.field({ type: LevelEnum, description: 'Of what. Without it: as everywhere.' }),
  }),
});
const SetNotificationLevelPayload = builder
  .objectRef<ViewerStateChanged>('SetNotificationLevelPayload')
  .implement({
    description: 'It is as it was asked for.',
    fields: (t) => ({
      channel: t.field({
        type: ChannelRef,
        description: 'The channel: see its `viewerState`.',
        resolve: ({ channel }) => channel,
      }),
      viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
    }),
  });
const SetNotificationLevelResult = resultOf('SetNotificationLevelResult', SetNotificationLevelPayload);

builder.mutationFields((t) => ({
  updateNotificationSettings: t.withAuth({ signedIn: true }).field({
    type: UpdateNotificationSettingsResult,
    description: 'Changes how the viewer wants to be notified, on all devices.',
    args: {
      input: t.arg({
        type: UpdateNotificationSettingsInput,
        required: true,
        description: 'What is to change.',
      }),
    },
    resolve: (_, { input }, scope) => updateNotificationSettings(scope, input),
  }),
  setNotificationLevel: t.withAuth({ signedIn: true }).field({
    type: SetNotificationLevelResult,
    description:
      'Says of what in one channel the viewer wants to be notified, on all devices; nobody else learns of it.',
    args: {
      input: t.arg({
        type: SetNotificationLevelInput,
        required: true,
        description: 'Which channel, and of what.',
      }),
    },
    resolve: (_, { input }, scope) => setNotificationLevel(scope, input),
  }),
}));
