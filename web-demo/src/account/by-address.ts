import { type Account, demoPeople, isRefusal, signIn } from './accounts.ts';

const parameter = 'as';
export const isNamedByAddress = (): boolean => new URL(location.href).searchParams.has(parameter);

/** `?as=<handle>` signs in as that demo person, whoever else is signed in on this browser. Undefined when nobody is meant, or nobody is there. */
export async function enterByAddress(): Promise<Account | undefined> {
  const address = new URL(location.href);
  const handle = address.searchParams.get(parameter);
  if (handle === null) return undefined;
  // Once: to reload the page is not to sign in again.
  address.searchParams.delete(parameter);
  history.replaceState(history.state, '', address);
  const person = (await demoPeople()).find((one) => one.handle === handle);
  const answer = person && (await signIn(person));
  return answer && !isRefusal(answer) ? answer : undefined;
}
