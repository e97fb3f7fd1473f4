import type { PersonFieldsFragment, SessionFieldsFragment } from '../gql/graphql.ts';
import { SignInDocument, SignUpDocument } from '../gql/graphql.ts';
import { ask } from './ask.ts';
import { lastKey, windowKey } from './places.ts';

/** Who is signed in on this browser. A window is one person; others may be signed in in other windows. */
export type Account = {
  /** The id of the person, as others see them. */
  readonly viewerId: string;
  readonly handle: string;
  readonly displayName: string;
  readonly colour: string;
};
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token is to be renewed, by the clock of this device. */
  readonly renewAt: number;
};
export type StoredAccount = Account & {
  /** The id under which the server knows this browser: the next sign-in goes on as the same device. */
  readonly deviceId: string;
  /** None when one was signed out. */
  readonly tokens?: Tokens;
};

export type RefusalData = {
  readonly code: string;
  readonly explanation: string;
  readonly until?: string | null;
  readonly field?: readonly string[];
};
export const isRefusal = (answer: object): answer is RefusalData => 'explanation' in answer;

const keyOf = (viewerId: string) => `parley.account.${viewerId}`;

export function readAccount(viewerId: string): StoredAccount | undefined {
  const text = localStorage.getItem(keyOf(viewerId));
  const account: StoredAccount | undefined = text === null ? undefined : JSON.parse(text);
  return account;
}

export const writeAccount = (account: StoredAccount): void =>
  localStorage.setItem(keyOf(account.viewerId), JSON.stringify(account));

/** Keeps which device this is, and no tokens. */
export function forgetTokens(viewerId: string): void {
  const { tokens: _, ...account } = readAccount(viewerId) ?? {};
  if ('viewerId' in account) writeAccount(account);
}

/** The account of this window, or the one used last on this browser, if it is signed in. */
export function accountHere(): Account | undefined {
  const viewerId = sessionStorage.getItem(windowKey) ?? localStorage.getItem(lastKey);
  const account = viewerId === null ? undefined : readAccount(viewerId);
  if (!account?.tokens) return undefined;
  sessionStorage.setItem(windowKey, account.viewerId);
  return account;
}

export const leaveAccount = (): void => sessionStorage.removeItem(windowKey);

/** When tokens are to be renewed: at half of their life, or soon when this device's clock is wrong. */
export function tokensOf({ accessToken, accessTokenExpiresAt, refreshToken }: SessionFieldsFragment): Tokens {
  const leftMs = Date.parse(accessTokenExpiresAt) - Date.now();
  const inMs = leftMs > 0 && leftMs < 86_400_000 ? leftMs / 2 : 300_000;
  return { accessToken, refreshToken, renewAt: Date.now() + inMs };
}

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

function accountsHere(): readonly StoredAccount[] {
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? '');
  const prefix = keyOf('');
  return keys.flatMap((key) => (key.startsWith(prefix) ? (readAccount(key.slice(prefix.length)) ?? []) : []));
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

export type DemoPerson = { readonly handle: string; readonly password: string };

/** People to try things out with, where there are some. */
export async function demoPeople(): Promise<readonly DemoPerson[]> {
  const response = await fetch('/demo-people.json').catch(() => undefined);
  const people: readonly DemoPerson[] = response?.ok ? await response.json() : [];
  return people;
}
