import { ask, read } from './ask.ts';

export type Session = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly device: { readonly id: string };
};

/** Somebody who is signed in on one device. */
export type SignedIn = { readonly handle: string; readonly userId: string; readonly session: Session };

export type Refusal = { readonly __typename: string; readonly code: string; readonly explanation: string };

/** Everybody's. */
export const password = 'correct horse battery staple';
const refused = '__typename ... on UserError { code explanation }';
const session = 'session { accessToken accessTokenExpiresAt refreshToken device { id } }';
const signedIn = `${session} viewer { user { id } }`;

type SignedInAnswer = {
  readonly session: Session;
  readonly viewer: { readonly user: { readonly id: string } };
};

export async function signUp(httpUrl: string, handle: string): Promise<SignedIn> {
  const query = `mutation SignUp($input: SignUpInput!) {
    result: signUp(input: $input) { ${refused} ... on SignUpPayload { ${signedIn} } }
  }`;
  const device = { label: 'Browser', platform: 'WEB' };
  const input = { handle, displayName: handle, password, device };
  return personOf(handle, await read(httpUrl, { query, variables: { input } }));
}

/** The same person on one more device. */
export async function signIn(httpUrl: string, handle: string): Promise<SignedIn> {
  const query = `mutation SignIn($input: SignInInput!) {
    result: signIn(input: $input) { ${refused} ... on SignInPayload { ${signedIn} } }
  }`;
  const input = { handle, password, device: { label: 'Phone', platform: 'IOS' } };
  return personOf(handle, await read(httpUrl, { query, variables: { input } }));
}

/** A new group of the owner with these people. Resolves with its id. */
export async function createGroup(
  httpUrl: string,
  owner: SignedIn,
  { name, members }: { readonly name: string; readonly members: readonly SignedIn[] },
): Promise<string> {
  const query = `mutation CreateGroup($input: CreateGroupInput!) {
    result: createGroup(input: $input) { ${refused} ... on CreateGroupPayload { channel { id } notAdded { code } } }
  }`;
  const input = { name, memberIds: members.map(({ userId }) => userId), nonce: name };
  const token = owner.session.accessToken;
  const { result } = await read<{
    result: { channel: { id: string }; notAdded: readonly unknown[] } | Refusal;
  }>(httpUrl, { query, variables: { input }, token });
  if (!('channel' in result) || result.notAdded.length > 0)
    throw new Error(`No group: ${JSON.stringify(result)}`);
  return result.channel.id;
}

export const refreshDocument = `mutation Refresh($input: RefreshSessionInput!) {
  result: refreshSession(input: $input) { ${refused} ... on RefreshSessionPayload { ${session} } }
}`;

/** New tokens, or why there are none. */
export async function refresh(httpUrl: string, refreshToken: string): Promise<Session | Refusal> {
  const variables = { input: { refreshToken } };
  const { result } = await read<{ result: { session: Session } | Refusal }>(httpUrl, {
    query: refreshDocument,
    variables,
  });
  return 'session' in result ? result.session : result;
}

/** A complete cursor of now. */
export async function syncCursor(httpUrl: string, token: string): Promise<string> {
  const { data } = await ask<{ syncCursor: string | null }>(httpUrl, { query: '{ syncCursor }', token });
  if (!data?.syncCursor) throw new Error('No cursor.');
  return data.syncCursor;
}

function personOf(handle: string, { result }: { readonly result: SignedInAnswer | Refusal }): SignedIn {
  if (!('session' in result)) throw new Error(`No session: ${JSON.stringify(result)}`);
  return { handle, userId: result.viewer.user.id, session: result.session };
}
