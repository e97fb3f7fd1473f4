import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react';
import { type Account, accountHere } from './account/accounts.ts';
import { isNamedByAddress } from './account/places.ts';
import { Notice } from './design/notice.tsx';
import { Spinner } from './design/spinner.tsx';
import { Opening } from './opening.tsx';

// Who is signed in needs no way in, and who is not needs no chat yet.
const LazySignIn = lazy(() => import('./sign-in/sign-in.tsx').then(({ SignIn: it }) => ({ default: it })));
const LazySignedIn = lazy(() => import('./signed-in.tsx').then(({ SignedIn: it }) => ({ default: it })));

type OnSignedIn = { readonly onSignedIn: (account: Account) => void };
type OfAccount = { readonly account: Account; readonly onSignedOut: () => void };
export type Parts = {
  readonly SignIn: ComponentType<OnSignedIn>;
  readonly SignedIn: ComponentType<OfAccount>;
};

/** A part that is loaded already is shown at once: behind a placeholder React would hold it back for 300 ms. */
export const App = (parts: Partial<Parts>) => (
  <Suspense fallback={accountHere() ? <Opening /> : <Spinner label="Opening" />}>
    <Window {...parts} />
  </Suspense>
);

/** Who is signed in in this window, or the way in. */
function Window({ SignIn = LazySignIn, SignedIn = LazySignedIn }: Partial<Parts>) {
  const [account, setAccount] = useState<Account | undefined>(accountHere);
  const [isEntering, setEntering] = useState(isNamedByAddress);
  const [wasSignedOut, setSignedOut] = useState(false);
  useEffect(() => {
    if (!isNamedByAddress()) return;
    import('./account/by-address.ts')
      .then(({ enterByAddress }) => enterByAddress())
      .then((entered) => entered && setAccount(entered))
      .catch(() => undefined) // there is no answer: the way in is shown, and says so when it is tried
      .finally(() => setEntering(false));
  }, []);
  if (isEntering) return <Spinner label="Opening" />;
  if (account === undefined)
    return (
      <>
        {wasSignedOut && <Notice kind="info">You are signed out on this browser. Sign in to go on.</Notice>}
        <SignIn onSignedIn={setAccount} />
      </>
    );
  return (
    <SignedIn
      key={account.viewerId}
      account={account}
      onSignedOut={() => {
        setSignedOut(true);
        setAccount(undefined);
      }}
    />
  );
}
