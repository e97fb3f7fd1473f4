import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import type { User } from '../account/users.ts';
import { builder } from '../builder.ts';
import { idPrefix } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { Viewer } from '../scope.ts';
import { updateSettings } from './update-settings.ts';

const AudienceEnum = builder.enumType('Audience', {
  description: 'To whom something of the viewer is shown.',
  values: {
    NOBODY: { description: 'To nobody.' },
    CONTACTS: { description: 'To contacts.' },
    CO_MEMBERS: { description: 'To contacts, and to everybody who is in a channel with the viewer.' },
  },
});

export const SettingsRef = builder.objectRef<User>('Settings').implement({
  description: 'What the viewer set for themselves, on all devices.',
  fields: (t) => ({
    id: t.id({
      description: 'Never changes.',
      resolve: ({ id }) => idPrefix.Settings + id.slice(idPrefix.User.length),
    }),
    isInvisible: t.exposeBoolean('isInvisible', {
      description: 'Is the viewer shown to others as if they were not there?',
    }),
    lastSeenVisibleTo: t.expose('lastSeenVisibleTo', {
      type: AudienceEnum,
      description: 'Who is told when the viewer was there last.',
    }),
    sharesReadPosition: t.exposeBoolean('sharesReadPosition', {
      description: 'Do others see up to where the viewer has read?',
    }),
  }),
});

// Read with the person whose they are: a first screen shows both.
builder.objectField(ViewerRef, 'settings', (t) =>
  t.field({
    type: SettingsRef,
    description: 'What the viewer set for themselves. `ViewerChanged` tells when it is something else.',
    resolve: ({ id }, _, scope) => UserRef.getDataloader(scope).load(id),
  }),
);

const UpdateSettingsInput = builder.inputType('UpdateSettingsInput', {
  description: 'What is to change; what is absent, or null, stays.',
  fields: (t) => ({
    isInvisible: t.boolean({ description: 'To be shown to others as if not there.' }),
    lastSeenVisibleTo: t.field({
      type: AudienceEnum,
      description: 'Who is told when the viewer was there last.',
    }),
    sharesReadPosition: t.boolean({ description: 'To let others see up to where the viewer has read.' }),
  }),
});
const UpdateSettingsPayload = builder
  .objectRef<{ readonly viewer: Viewer }>('UpdateSettingsPayload')
  .implement({
    description: 'The settings are as they were asked for.',
    fields: (t) => ({
      viewer: t.field({
        type: ViewerRef,
        description: 'The viewer: see `settings`.',
        resolve: ({ viewer }) => viewer,
      }),
    }),
  });
const UpdateSettingsResult = resultOf('UpdateSettingsResult', UpdateSettingsPayload);

builder.mutationField('updateSettings', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: UpdateSettingsResult,
    description: 'Changes what the viewer set for themselves.',
    args: { input: t.arg({ type: UpdateSettingsInput, required: true, description: 'What is to change.' }) },
    resolve: (_, { input }, scope) => updateSettings(scope, input),
  }),
);
