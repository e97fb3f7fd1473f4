import type { Account } from './accounts.ts';
import { demoPeople } from './demo-people.ts';
import { isRefusal, signIn } from './enter.ts';
import { addressKey } from './places.ts';

/** `?as=<handle>` signs in as that demo person, whoever else is signed in on this browser. Undefined when nobody is meant, or nobody is there. */
export async function enterByAddress(): Promise<Account | undefined> {
  const address = new URL(location.href);
  const handle = address.searchParams.get(addressKey);
  if (handle === null) return undefined;
  // Once: to reload the page is not to sign in again.
  address.searchParams.delete(addressKey);
  history.replaceState(history.state, '', address);
  const person = (await demoPeople()).find((one) => one.handle === handle);
  const answer = person && (await signIn(person));
  return answer && !isRefusal(answer) ? answer : undefined;
}
