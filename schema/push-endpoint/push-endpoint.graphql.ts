import { ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { DeviceRef } from '../device/device.graphql.ts';
import { incomingId, type PushEndpointId } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import { ServerRef } from '../server/server.graphql.ts';
import {
  type PushEndpoint,
  type PushEndpointRegistered,
  pushEndpointOfDevice,
  pushEndpointsOf,
  viewerPushEndpoints,
} from './push-endpoints.ts';
import { registerPushEndpoint } from './register-push-endpoint.ts';
import { type PushEndpointRemoved, removePushEndpoint } from './remove-push-endpoint.ts';

const PushServiceEnum = builder.enumType('PushService', {
  description: 'By what a device is woken.',
  values: {
    WEB: { description: 'Web Push: by the push service of its browser.' },
    APNS: { description: 'The push service of Apple, for apps.' },
  },
});

/** Loads by `PushEndpointId`, in batches; null for whoever is not its owner. A resolver may also return a whole one. */
export const PushEndpointRef = builder.loadableNode('PushEndpoint', {
  description:
    'Where a device of the viewer is woken when it is away. Only its owner sees it, and nobody is told its address or its keys.',
  id: {
    description: 'The same for as long as the device has one, also when its address changes.',
    resolve: (endpoint: PushEndpoint) => endpoint.id,
    parse: incomingId,
  },
  load: (ids: PushEndpointId[], scope) => pushEndpointsOf(scope, ids),
  toKey: (endpoint: PushEndpoint) => endpoint.id,
  sort: true,
  fields: (t) => ({
    device: t.field({
      type: DeviceRef,
      description: 'The device that is woken.',
      resolve: ({ deviceId }) => deviceId,
    }),
    service: t.expose('service', { type: PushServiceEnum, description: 'By what it is woken.' }),
    host: t.exposeString('host', {
      description:
        'Where the push service is, such as `fcm.googleapis.com`: to show who is told that there is news.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was registered first. What was said before that wakes nobody.',
    }),
  }),
});

builder.objectField(ViewerRef, 'pushEndpoints', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: [PushEndpointRef],
    description:
      'Where devices of the viewer are woken, the device used last first. At most 20: that of the device unused for longest goes ' +
      'when another is registered. `ViewerChanged` tells when they are others.',
    complexity: { field: 1, multiplier: 20 },
    resolve: (_, __, scope) => viewerPushEndpoints(scope),
  }),
);

builder.objectField(DeviceRef, 'pushEndpoint', (t) =>
  t.field({
    type: PushEndpointRef,
    nullable: true,
    description: 'Where it is woken; null when it is not.',
    resolve: ({ id }, _, scope) => pushEndpointOfDevice(scope, id),
  }),
);

builder.objectFields(ServerRef, (t) => ({
  vapidPublicKey: t.string({
    nullable: true,
    description:
      'What browsers subscribe with, as `applicationServerKey`: base64url. Null where Web Push is not offered.',
    resolve: (_, __, { push }) => push.vapidPublicKey ?? null,
  }),
  pushServices: t.field({
    type: [PushServiceEnum],
    description: 'By what devices can be woken here; any other is refused with `NOT_OFFERED`.',
    resolve: (_, __, { push }) => [...push.services],
  }),
}));

const WebPushAddressInput = builder.inputType('WebPushAddressInput', {
  description: 'What a browser gives as `PushSubscription`; see `toJSON()` there.',
  fields: (t) => ({
    url: t.field({
      type: 'URL',
      required: true,
      description:
        'Its `endpoint`, as it is: https, at most 2,048 characters, at the push service of a usual browser or one that whoever runs ' +
        'the server has added.',
    }),
    p256dh: t.string({ required: true, description: 'Its `keys.p256dh`: 65 bytes in base64url.' }),
    auth: t.string({ required: true, description: 'Its `keys.auth`: 16 bytes in base64url.' }),
  }),
});

const ApnsAddressInput = builder.inputType('ApnsAddressInput', {
  description: 'What an app for Apple devices is given when it registers for remote notifications.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'The device token: 64 to 200 hexadecimal digits.' }),
    topic: t.string({ required: true, description: 'The bundle id of the app, such as `com.example.chat`.' }),
    isSandbox: t.boolean({
      defaultValue: false,
      description: 'Is it a development build? Its tokens are good at the sandbox of Apple only.',
    }),
  }),
});

const PushAddressInput = builder.inputType('PushAddressInput', {
  description: 'Where a device is woken.',
  isOneOf: true,
  fields: (t) => ({
    web: t.field({ type: WebPushAddressInput, description: 'A browser.' }),
    apns: t.field({ type: ApnsAddressInput, description: 'An app on an Apple device.' }),
  }),
});

const RegisterPushEndpointInput = builder.inputType('RegisterPushEndpointInput', {
  description: 'Where the device that asks is woken. Which device and whose it is, its session says.',
  fields: (t) => ({
    address: t.field({ type: PushAddressInput, required: true, description: 'What wakes it.' }),
  }),
});

const RegisterPushEndpointPayload = builder
  .objectRef<PushEndpointRegistered>('RegisterPushEndpointPayload')
  .implement({
    description: 'The device is woken there.',
    fields: (t) => ({
      pushEndpoint: t.field({
        type: PushEndpointRef,
        description: 'Where the device is woken.',
        resolve: ({ pushEndpoint }) => pushEndpoint,
      }),
      viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
    }),
  });

const RemovePushEndpointInput = builder.inputType('RemovePushEndpointInput', {
  description: 'Which device is to be left in peace.',
  fields: (t) => ({
    pushEndpointId: t.id({ description: 'One of the viewer. Without it, that of the device that asks.' }),
  }),
});

const RemovePushEndpointPayload = builder
  .objectRef<PushEndpointRemoved>('RemovePushEndpointPayload')
  .implement({
    description: 'The device is woken no more, until it registers again.',
    fields: (t) => ({
      pushEndpointId: t.exposeID('pushEndpointId', { description: 'What there is no more.' }),
      viewer: t.field({ type: ViewerRef, description: 'The viewer.', resolve: ({ viewer }) => viewer }),
    }),
  });

const RegisterPushEndpointResult = resultOf('RegisterPushEndpointResult', RegisterPushEndpointPayload);
const RemovePushEndpointResult = resultOf('RemovePushEndpointResult', RemovePushEndpointPayload);

builder.mutationFields((t) => ({
  registerPushEndpoint: t.withAuth({ signedIn: true }).field({
    type: RegisterPushEndpointResult,
    description:
      'Says where the device that asks is woken; do it at every start, repeating it is free. A device has one such place and a place ' +
      'one device: whoever registers it last has it. It goes with the session.',
    args: { input: t.arg({ type: RegisterPushEndpointInput, required: true, description: 'Where.' }) },
    resolve: (_, { input }, scope) => registerPushEndpoint(scope, input),
  }),
  removePushEndpoint: t.withAuth({ signedIn: true }).field({
    type: RemovePushEndpointResult,
    description: 'Has a device of the viewer woken no more. Signing out does the same.',
    args: { input: t.arg({ type: RemovePushEndpointInput, required: true, description: 'Which device.' }) },
    resolve: (_, { input }, scope) => removePushEndpoint(scope, input),
  }),
}));
