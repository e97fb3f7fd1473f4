import { UserRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { DeviceRef } from '../device/device.graphql.ts';
import { idPrefix } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import { type Presence, presenceOf, withPresence } from './presence.ts';
import { type SetActivityPayload, setActivity } from './set-activity.ts';
import { watchPresence } from './watch-presence.ts';
import type { PresenceDelivery } from './watched-people.ts';

const PresenceStateEnum = builder.enumType('PresenceState', {
  description: 'Whether somebody is there, by all of their devices together.',
  values: {
    ONLINE: { description: 'Connected, and active on one device at least.' },
    IDLE: { description: 'Connected, and active on none: see `setActivity`.' },
    OFFLINE: { description: 'Not connected, or not shown to be.' },
  },
});

const PresenceRef = builder.objectRef<Presence>('Presence').implement({
  description: 'Whether a person is there: something that soon is otherwise, never stored.',
  fields: (t) => ({
    id: t.id({
      description: 'One per person.',
      resolve: ({ userId }) => idPrefix.Presence + userId.slice(idPrefix.User.length),
    }),
    state: t.expose('state', { type: PresenceStateEnum, description: 'Whether they are there.' }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When they were there last; null when that is not shared with the viewer, and while they are online.',
      resolve: ({ lastSeenAt }) => (lastSeenAt === null ? null : new Date(lastSeenAt)),
    }),
    validUntil: t.field({
      type: 'DateTime',
      description: 'Grey it by yourself when this passes without news: then nobody knows.',
      resolve: ({ validUntil }) => new Date(validUntil),
    }),
    at: t.field({
      type: 'DateTime',
      description: 'Of two of one person, the later is newer.',
      resolve: ({ at }) => new Date(at),
    }),
  }),
});

builder.objectField(UserRef, 'presence', (t) =>
  t.field({
    type: PresenceRef,
    nullable: true,
    description:
      'Whether they are there. Null for who is neither a contact of theirs nor with them in any channel, and of who is blocked by the ' +
      'viewer. To hear of changes, subscribe to `presence`.',
    resolve: (user, _, scope) => presenceOf(scope, user),
  }),
);

const PresenceChangedRef = builder.objectRef<PresenceDelivery>('PresenceChanged').implement({
  description:
    'Somebody who is watched is there or not; also sent when their profile changed, and each minute, so that it stays valid.',
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'As they are now: see `presence`, which is null when the viewer may not see it any more.',
      resolve: ({ user, presence }) => withPresence({ ...user }, presence),
    }),
  }),
});

builder.subscriptionField('presence', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: PresenceChangedRef,
    description:
      'Whether these people are there: first what is so now, one event per person; then each change. Of people whose presence the viewer ' +
      'may not see nothing comes, but once without `presence` when it was seen before. Watch whom you show, and no others: of all ' +
      'subscriptions of a person together, 4,000 at most.',
    args: {
      userIds: t.arg.idList({
        required: true,
        description: 'At most as many as `server { limits { presenceWatch } }` says.',
      }),
    },
    subscribe: (_, { userIds }, scope) => watchPresence(scope, userIds),
    resolve: (delivery) => delivery,
  }),
);

const SetActivityInput = builder.inputType('SetActivityInput', {
  description: 'Whether anybody looks.',
  fields: (t) => ({
    isIdle: t.boolean({
      required: true,
      description:
        'True when nobody has used this device for some minutes, or looks at something else; false when they are back.',
    }),
  }),
});
const SetActivityPayloadRef = builder.objectRef<SetActivityPayload>('SetActivityPayload').implement({
  description: 'It counts while the device is connected.',
  fields: (t) => ({
    device: t.field({
      type: DeviceRef,
      description: 'The device that said so.',
      resolve: ({ device }) => device,
    }),
  }),
});
const SetActivityResult = resultOf('SetActivityResult', SetActivityPayloadRef);

builder.mutationField('setActivity', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: SetActivityResult,
    description:
      'Says whether anybody looks at this device. Who looks at none of their devices is `IDLE`. A device that connects counts as looked ' +
      'at, unless it was connected within the last ten seconds: then it is as it was.',
    args: { input: t.arg({ type: SetActivityInput, required: true, description: 'Whether anybody does.' }) },
    resolve: (_, { input }, scope) => setActivity(scope, input),
  }),
);
