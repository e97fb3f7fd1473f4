import { builder } from '../builder.ts';
import { type DeviceId, incomingId } from '../ids.ts';
import { type Device, devicesOf } from './device.ts';

const PlatformEnum = builder.enumType('Platform', {
  description: 'What kind of client a device runs.',
  values: {
    WEB: { description: 'A browser.' },
    IOS: { description: 'An iPhone or iPad.' },
    ANDROID: { description: 'An Android phone or tablet.' },
    DESKTOP: { description: 'A program on a computer.' },
    BOT: { description: 'A program that nobody looks at.' },
  },
});

/** Loads by `DeviceId`, in batches; null for whoever is not its owner. A resolver may also return a whole `Device`. */
export const DeviceRef = builder.loadableNode('Device', {
  description: 'An installation of some client that the viewer is signed in on. Only its owner sees it.',
  id: {
    description: 'Give it at the next sign-in of this installation, so that it stays the same device.',
    resolve: (device: Device) => device.id,
    parse: incomingId,
  },
  load: (ids: DeviceId[], scope) => devicesOf(scope, ids),
  toKey: (device: Device) => device.id,
  sort: true,
  fields: (t) => ({
    label: t.exposeString('label', { description: 'How its owner recognises it.' }),
    platform: t.expose('platform', { type: PlatformEnum, description: 'What kind of client it runs.' }),
    isCurrent: t.boolean({
      description: 'Is this the device that asks?',
      resolve: (device, _, scope) => device.id === scope.viewer?.deviceId,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it signed in first.' }),
    lastActiveAt: t.expose('lastActiveAt', {
      type: 'DateTime',
      description: 'When it signed in or refreshed its session last.',
    }),
  }),
});

export const DeviceInput = builder.inputType('DeviceInput', {
  description: 'The device that somebody signs in on.',
  fields: (t) => ({
    id: t.id({
      description:
        'The device of an earlier sign-in of this installation, so that it keeps its place. A new one when absent, unknown ' +
        "or somebody else's.",
    }),
    label: t.string({
      required: true,
      description: 'How its owner recognises it: 1 to 64 characters, such as `Firefox on the laptop`.',
    }),
    platform: t.field({
      type: PlatformEnum,
      required: true,
      description: 'What kind of client it runs.',
    }),
  }),
});
