import { useState } from 'react';
import type { Account } from '../account/accounts.ts';
import { AccountForm } from './account-form.tsx';
import { DemoBlock } from './demo-block.tsx';
import { useDemoPeople } from './use-demo-people.ts';
import './sign-in.css';

type Props = { readonly onSignedIn: (account: Account) => void };

/** The first thing that anybody sees. */
export function SignIn({ onSignedIn }: Props) {
  const demoPeople = useDemoPeople();
  const [isNew, setIsNew] = useState(false);
  return (
    <main className="sign-in">
      <div className="sign-in__card">
        <header className="sign-in__header">
          <img className="sign-in__logo" src="/icon.svg" alt="" width="56" height="56" />
          <h1>Parley</h1>
          <p className="sign-in__about">A chat on a server of your own.</p>
        </header>
        {demoPeople.length > 0 && <DemoBlock people={demoPeople} onSignedIn={onSignedIn} />}
        <section className="sign-in__own" aria-label={isNew ? 'Create an account' : 'Sign in'}>
          <Choice isNew={isNew} onChoose={setIsNew} />
          <AccountForm isNew={isNew} onSignedIn={onSignedIn} />
        </section>
      </div>
    </main>
  );
}

type ChoiceProps = { readonly isNew: boolean; readonly onChoose: (isNew: boolean) => void };

function Choice({ isNew, onChoose }: ChoiceProps) {
  const option = (label: string, value: boolean) => (
    <button
      className="sign-in__option"
      type="button"
      aria-pressed={isNew === value}
      onClick={() => onChoose(value)}
    >
      {label}
    </button>
  );
  return (
    <div className="sign-in__choice">
      {option('Sign in', false)}
      {option('Create an account', true)}
    </div>
  );
}
