import { builder, forgetKept } from '../builder.ts';
import { DeviceRef } from '../device/device.graphql.ts';
import type { DeviceId } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { Scope, Viewer } from '../scope.ts';
import type { Session } from './open-session.ts';
import { type RefreshedSession, refreshSession } from './refresh-session.ts';
import { type RevokedSession, revokeSession } from './revoke-session.ts';
import { signOut } from './sign-out.ts';

export const SessionRef = builder.objectRef<Session>('Session').implement({
  description: 'A login on one device. Its tokens are shown once, at sign-in and at each refresh.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description:
        'Says who asks: `Authorization: Bearer …` over HTTP, `authorization` in `connection_init` on a socket.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'Refresh the session before this.',
    }),
    refreshToken: t.exposeString('refreshToken', {
      description:
        'For `refreshSession`. Keep the newest one, in a safe place; 30 days unused and the session ends.',
    }),
    device: t.field({
      type: DeviceRef,
      description: 'The device that is signed in.',
      resolve: (session) => session.device,
    }),
  }),
});

/**
 * For the resolver of a mutation that signs somebody in: what is selected below it is answered to that person, whoever sent
 * the operation. Otherwise `signIn { viewer { … } }` would be refused to the stranger who asked, and the tokens with it.
 */
export const answeringAs =
  (scope: Scope) =>
  <Result extends object | { readonly viewer: Viewer }>(result: Result): Result => {
    if (!('viewer' in result)) return result;
    forgetKept(scope);
    Object.assign(scope, { viewer: result.viewer });
    return result;
  };

const RefreshSessionInput = builder.inputType('RefreshSessionInput', {
  description:
    'Safe to repeat: a refresh token stays good until one that replaced it has been used. Used after that, the whole session ' +
    'is revoked, because somebody holds a copy.',
  fields: (t) => ({
    refreshToken: t.string({ required: true, description: 'Of the sign-in, or of the refresh before.' }),
  }),
});

const RefreshSessionPayload = builder.objectRef<RefreshedSession>('RefreshSessionPayload').implement({
  description: 'The session goes on.',
  fields: (t) => ({
    session: t.field({
      type: SessionRef,
      description: 'New tokens. Those before die when one of these is used.',
      resolve: (refreshed) => refreshed.session,
    }),
  }),
});

const RefreshSessionResult = resultOf('RefreshSessionResult', RefreshSessionPayload);

builder.mutationField('refreshSession', (t) =>
  t.field({
    type: RefreshSessionResult,
    description:
      'Exchanges a refresh token for new tokens. Works without an access token, and on a socket also prolongs it.',
    args: { input: t.arg({ type: RefreshSessionInput, required: true, description: 'The refresh token.' }) },
    resolve: (_, { input }, scope) => refreshSession(scope, input).then(answeringAs(scope)),
  }),
);

const SignOutInput = builder.inputType('SignOutInput', {
  description: 'With a refresh token it works also when the access token has expired.',
  fields: (t) => ({
    refreshToken: t.string({
      description: "Any one of the session that is to end. Without it, the viewer's own session ends.",
    }),
  }),
});

const SignOutPayload = builder.objectRef<{ readonly deviceId: DeviceId }>('SignOutPayload').implement({
  description: 'The session has ended, and its sockets are being closed.',
  fields: (t) => ({
    deviceId: t.exposeID('deviceId', { description: 'The device that is signed in no more.' }),
  }),
});

const SignOutResult = resultOf('SignOutResult', SignOutPayload);

builder.mutationField('signOut', (t) =>
  t.field({
    type: SignOutResult,
    description: 'Ends a session for good.',
    args: { input: t.arg({ type: SignOutInput, required: true, description: 'Which session.' }) },
    resolve: (_, { input }, scope) => signOut(scope, input),
  }),
);

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'Which session.',
  fields: (t) => ({
    deviceId: t.id({
      required: true,
      description: "One of the viewer's own devices, the one that asks included.",
    }),
  }),
});

/** Its `viewer` is added by the slice that answers it. */
export const RevokeSessionPayload = builder.objectRef<RevokedSession>('RevokeSessionPayload').implement({
  description: 'The device is signed out, and its sockets are being closed.',
  fields: (t) => ({
    deviceId: t.exposeID('deviceId', { description: 'The device that is signed in no more.' }),
  }),
});

const RevokeSessionResult = resultOf('RevokeSessionResult', RevokeSessionPayload);

builder.mutationField('revokeSession', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: RevokeSessionResult,
    description:
      'Signs one of the devices of the viewer out: its tokens are good for nothing at once, its sockets close within 5 seconds.',
    args: { input: t.arg({ type: RevokeSessionInput, required: true, description: 'Which session.' }) },
    resolve: (_, { input }, scope) => revokeSession(scope, input),
  }),
);
