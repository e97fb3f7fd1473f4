import { builder } from '../builder.ts';
import { DeviceInput, DeviceRef } from '../device/device.graphql.ts';
import { signedInDevices } from '../device/device.ts';
import { incomingId, type UserId, viewerIdOf } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { Viewer } from '../scope.ts';
import { answeringAs, RevokeSessionPayload, SessionRef } from '../session/session.graphql.ts';
import { changePassword } from './change-password.ts';
import { signIn } from './sign-in.ts';
import { type SignedIn, signUp } from './sign-up.ts';
import { updateProfile } from './update-profile.ts';
import { type User, userByHandle, usersOf } from './users.ts';

/** Everybody sees the same profile: what is made of it for one viewer serves the others. */
const sameForAll = { sameForAll: true };

/** Loads by `UserId`, in batches: a resolver of this type may return the bare id, or a whole `User`. */
export const UserRef = builder.loadableNode('User', {
  description:
    'A person, as everybody who is signed in may see them; `viewerContact` and `viewerCan` are between the viewer and them.',
  id: {
    description: 'Never changes.',
    extensions: sameForAll,
    resolve: (user: User) => user.id,
    parse: incomingId,
  },
  load: (ids: UserId[], scope) =>
    scope.sharedView === undefined ? usersOf(scope, ids) : scope.authors.of(ids),
  loaderOptions: { maxBatchSize: 1_000 },
  toKey: (user: User) => user.id,
  sort: true,
  fields: (t) => ({
    handle: t.exposeString('handle', {
      description: 'The name that is unique, whatever its case, for finding this person.',
      extensions: sameForAll,
    }),
    displayName: t.exposeString('displayName', { description: 'The name to show.', extensions: sameForAll }),
    colour: t.exposeString('colour', {
      description:
        'A colour for a generated picture, `#rrggbb`. Dark enough for white letters on it, light enough for black ones.',
      extensions: sameForAll,
    }),
  }),
});

/** The user behind the scope. Fields that other slices add resolve from this parent: its `id` is the user's. */
export const ViewerRef = builder.objectRef<Viewer>('Viewer');
builder.node(ViewerRef, {
  description: 'The person who is signed in, with what only they see.',
  id: { description: 'Not that of the `user`.', resolve: (viewer) => viewerIdOf(viewer.id) },
  loadWithoutCache: (id, { viewer }) => (viewer && viewerIdOf(viewer.id) === id ? { ...viewer } : null),
  fields: (t) => ({
    user: t.field({
      type: UserRef,
      description: 'Who this is for everybody else.',
      resolve: (viewer) => viewer.id,
    }),
    devices: t.withAuth({ signedIn: true }).field({
      type: [DeviceRef],
      description:
        'Where the viewer is signed in, the device used last first. At most 50: the one unused for longest is signed out when ' +
        'another signs in.',
      complexity: { field: 1, multiplier: 50 },
      resolve: (_, __, scope) => signedInDevices(scope),
    }),
  }),
});
builder.objectField(RevokeSessionPayload, 'viewer', (t) =>
  t.field({
    type: ViewerRef,
    description: 'The viewer, whose list of devices is shorter now.',
    resolve: (revoked) => revoked.viewer,
  }),
);

builder.queryFields((t) => ({
  viewer: t.field({
    type: ViewerRef,
    nullable: true,
    description: 'The person who is signed in; null when nobody is.',
    resolve: (_, __, scope) => scope.viewer ?? null,
  }),
  user: t.field({
    type: UserRef,
    nullable: true,
    authScopes: { signedIn: true },
    description: 'The person with this handle; null when there is none.',
    args: { handle: t.arg.string({ required: true, description: 'Whole, in any case.' }) },
    resolve: (_, { handle }, scope) => userByHandle(scope, handle),
  }),
}));

const SignUpInput = builder.inputType('SignUpInput', {
  description: 'A new account, and the device it is made on.',
  fields: (t) => ({
    handle: t.string({
      required: true,
      description: '3 to 32 letters A to Z, digits, `_`, `.` and `-`; begins with a letter or a digit.',
    }),
    displayName: t.string({ required: true, description: 'The name to show: 1 to 64 characters.' }),
    password: t.string({ required: true, description: '8 to 200 characters.' }),
    device: t.field({ type: DeviceInput, required: true, description: 'The device to sign in on.' }),
  }),
});

const SignInInput = builder.inputType('SignInInput', {
  description: 'Who, and on which device.',
  fields: (t) => ({
    handle: t.string({ required: true, description: 'In any case.' }),
    password: t.string({ required: true, description: 'As given at sign-up.' }),
    device: t.field({ type: DeviceInput, required: true, description: 'The device to sign in on.' }),
  }),
});

const signedInPayload = (name: string, description: string) =>
  builder.objectRef<SignedIn>(name).implement({
    description,
    fields: (t) => ({
      session: t.field({
        type: SessionRef,
        description: 'The tokens to go on with. They are not shown again.',
        resolve: (signedIn) => signedIn.session,
      }),
      viewer: t.field({
        type: ViewerRef,
        description: 'The person who is signed in now.',
        resolve: (signedIn) => signedIn.viewer,
      }),
    }),
  });

const SignUpPayload = signedInPayload('SignUpPayload', 'The account exists and is signed in.');
const SignInPayload = signedInPayload('SignInPayload', 'Signed in.');
const SignUpResult = resultOf('SignUpResult', SignUpPayload);
const SignInResult = resultOf('SignInResult', SignInPayload);

builder.mutationFields((t) => ({
  signUp: t.field({
    type: SignUpResult,
    description: 'Makes an account and signs it in.',
    args: { input: t.arg({ type: SignUpInput, required: true, description: 'The account to make.' }) },
    resolve: (_, { input }, scope) => signUp(scope, input).then(answeringAs(scope)),
  }),
  signIn: t.field({
    type: SignInResult,
    description:
      'Signs in on a device. A session that was open on that device ends. Wrong passwords are counted: after some, `RATE_LIMITED` ' +
      'says until when, and says it for handles that nobody has, too.',
    args: { input: t.arg({ type: SignInInput, required: true, description: 'Who, and where.' }) },
    resolve: (_, { input }, scope) => signIn(scope, input).then(answeringAs(scope)),
  }),
}));

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'The password of now, and the one to be.',
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: 'An access token alone is not enough.' }),
    newPassword: t.string({
      required: true,
      description:
        '8 to 200 characters. The same as before is taken too: the other sessions end all the same.',
    }),
  }),
});

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What is to change; what is absent stays.',
  fields: (t) => ({
    displayName: t.string({ description: 'The name to show: 1 to 64 characters.' }),
    colour: t.string({
      description: '`#rrggbb`, of a brightness that lets white letters be read on it, and black ones too.',
    }),
  }),
});

const changedPayload = (name: string, description: string) =>
  builder.objectRef<{ readonly viewer: Viewer }>(name).implement({
    description,
    fields: (t) => ({
      viewer: t.field({
        type: ViewerRef,
        description: 'The viewer as of now.',
        resolve: (changed) => changed.viewer,
      }),
    }),
  });

const ChangePasswordPayload = changedPayload(
  'ChangePasswordPayload',
  'The new password counts. Every other session has ended; this one goes on with the tokens it has.',
);
const UpdateProfilePayload = changedPayload('UpdateProfilePayload', 'The profile is as it was asked for.');
const ChangePasswordResult = resultOf('ChangePasswordResult', ChangePasswordPayload);
const UpdateProfileResult = resultOf('UpdateProfileResult', UpdateProfilePayload);

builder.mutationFields((t) => ({
  changePassword: t.withAuth({ signedIn: true }).field({
    type: ChangePasswordResult,
    description:
      'Changes the password, and signs all other devices out. Wrong passwords count like those at a sign-in.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'Both passwords.' }) },
    resolve: (_, { input }, scope) => changePassword(scope, input),
  }),
  updateProfile: t.withAuth({ signedIn: true }).field({
    type: UpdateProfileResult,
    description: 'Changes how everybody sees the viewer.',
    args: { input: t.arg({ type: UpdateProfileInput, required: true, description: 'What is to change.' }) },
    resolve: (_, { input }, scope) => updateProfile(scope, input),
  }),
}));
