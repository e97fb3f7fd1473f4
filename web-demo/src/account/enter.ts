import {
  type PersonFieldsFragment,
  type SessionFieldsFragment,
  SignInDocument,
  SignUpDocument,
} from '../gql/graphql.ts';
import { type Account, accountsHere, type StoredAccount, writeAccount } from './accounts.ts';
import { ask } from './ask.ts';
import { lastKey, windowKey } from './places.ts';
import { tokensOf } from './tokens.ts';

export type RefusalData = {
  readonly code: string;
  readonly explanation: string;
  readonly until?: string | null;
  readonly field?: readonly string[];
};
export const isRefusal = (answer: object): answer is RefusalData => 'explanation' in answer;

type Credentials = { readonly handle: string; readonly password: string };

/** Rejects when there is no answer. */
export async function signIn({ handle, password }: Credentials): Promise<Account | RefusalData> {
  const { data, errors } = await ask(SignInDocument, {
    input: { handle, password, device: deviceFor(handle) },
  });
  if (!data) return refusalIn(errors);
  return data.signIn.__typename === 'SignInPayload'
    ? enter(data.signIn.viewer.user, data.signIn.session)
    : data.signIn;
}

/** Rejects when there is no answer. */
export async function signUp(
  given: Credentials & { readonly displayName: string },
): Promise<Account | RefusalData> {
  const { handle, displayName, password } = given;
  const input = { handle, displayName, password, device: deviceFor(handle) };
  const { data, errors } = await ask(SignUpDocument, { input });
  if (!data) return refusalIn(errors);
  return data.signUp.__typename === 'SignUpPayload'
    ? enter(data.signUp.viewer.user, data.signUp.session)
    : data.signUp;
}

function enter(person: PersonFieldsFragment, session: SessionFieldsFragment): Account {
  const { id: viewerId, handle, displayName, colour } = person;
  const account = { viewerId, handle, displayName, colour };
  writeAccount({ ...account, deviceId: session.device.id, tokens: tokensOf(session) });
  sessionStorage.setItem(windowKey, viewerId);
  localStorage.setItem(lastKey, viewerId);
  return account;
}

const refusalIn = (errors: readonly { readonly message: string }[] | undefined): RefusalData => ({
  code: 'UNAVAILABLE',
  explanation: errors?.[0]?.message ?? 'The server gave no answer. Try again.',
});

/** The same device as before, if this person was signed in here already. */
function deviceFor(handle: string) {
  const isTheirs = (account: StoredAccount) => account.handle.toLowerCase() === handle.trim().toLowerCase();
  const id = accountsHere().find(isTheirs)?.deviceId;
  return { label: browserName(), platform: 'WEB' as const, ...(id && { id }) };
}

/** As somebody recognises it in the list of their sessions. */
function browserName(): string {
  const agent = navigator.userAgent;
  const browser =
    ['Firefox', 'Edg', 'Chrome', 'Safari'].find((name) => agent.includes(`${name}/`)) ?? 'Browser';
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find((name) =>
    agent.includes(name),
  );
  const name = browser === 'Edg' ? 'Edge' : browser;
  return system ? `${name} on ${system}` : name;
}
