import { lastKey, windowKey } from './places.ts';
import type { Tokens } from './tokens.ts';

/** Who is signed in on this browser. A window is one person; others may be signed in in other windows. */
export type Account = {
  /** The id of the person, as others see them. */
  readonly viewerId: string;
  readonly handle: string;
  readonly displayName: string;
  readonly colour: string;
};
export type StoredAccount = Account & {
  /** The id under which the server knows this browser: the next sign-in goes on as the same device. */
  readonly deviceId: string;
  /** None when one was signed out. */
  readonly tokens?: Tokens;
};

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

/** Everybody who was ever signed in on this browser. */
export function accountsHere(): readonly StoredAccount[] {
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? '');
  const prefix = keyOf('');
  return keys.flatMap((key) => (key.startsWith(prefix) ? (readAccount(key.slice(prefix.length)) ?? []) : []));
}
