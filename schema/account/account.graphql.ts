import { builder } from '../builder.ts';
import { DeviceInput } from '../device/device.graphql.ts';
import { incomingId, type UserId, viewerIdOf } from '../ids.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { Viewer } from '../scope.ts';
import { answeringAs, SessionRef } from '../session/session.graphql.ts';
import { signIn } from './sign-in.ts';
import { type SignedIn, signUp } from './sign-up.ts';
import { type User, userByHandle, usersOf } from './users.ts';

/** Everybody sees the same of a person: what is made of it for one viewer serves the others. */
const sameForAll = { sameForAll: true };

/** Loads by `UserId`, in batches: a resolver of this type may return the bare id, or a whole `User`. */
export const UserRef = builder.loadableNode('User', {
  description: 'A person, as everybody who is signed in may see them.',
  id: {
    description: 'Never changes.',
    extensions: sameForAll,
    resolve: (user: User) => user.id,
    parse: incomingId,
  },
  load: (ids: UserId[], scope) => usersOf(scope, ids),
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
        'A colour for a generated picture, `#rrggbb`. Dark enough for white text, light enough for black.',
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
  }),
});

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
    description: 'Signs in on a device. A session that was open on that device ends.',
    args: { input: t.arg({ type: SignInInput, required: true, description: 'Who, and where.' }) },
    resolve: (_, { input }, scope) => signIn(scope, input).then(answeringAs(scope)),
  }),
}));
