import { type FormEvent, useState } from 'react';
import type { Account } from '../account/accounts.ts';
import { signIn, signUp } from '../account/enter.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/text-field.tsx';
import { Entered, useEnter } from './use-enter.tsx';

type Props = { readonly isNew: boolean; readonly onSignedIn: (account: Account) => void };

/** Handle and password, and for a new account the name that others see. What was typed stays, whatever comes of it. */
export function AccountForm({ isNew, onSignedIn }: Props) {
  const [handle, setHandle] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const { problem, isBusy, enter, clear } = useEnter(onSignedIn);
  const errors = problem.fields;

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const credentials = { handle: handle.trim(), password };
    void enter(() =>
      isNew ? signUp({ ...credentials, displayName: displayName.trim() || handle }) : signIn(credentials),
    );
  }
  const changed = (set: (value: string) => void) => (value: string) => {
    clear();
    set(value);
  };
  return (
    <form className="sign-in__form" onSubmit={onSubmit} noValidate={!isNew}>
      <Entered problem={problem} />
      <TextField
        {...{ label: 'Handle', value: handle, onChange: changed(setHandle), error: errors.handle }}
        {...{ name: 'username', autoComplete: 'username', maxLength: 32, isExact: true, isRequired: true }}
        hint={isNew ? '3 to 32 letters, digits, _ . -, by which others find you.' : undefined}
      />
      {isNew && (
        <TextField
          {...{ label: 'Display name', value: displayName, onChange: changed(setDisplayName) }}
          {...{ name: 'name', autoComplete: 'name', maxLength: 64, error: errors.displayName }}
          hint="What others see. You can change it at any time."
        />
      )}
      <TextField
        {...{ label: 'Password', value: password, onChange: changed(setPassword), error: errors.password }}
        {...{ name: 'password', type: 'password', maxLength: 200, isExact: true, isRequired: true }}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        hint={isNew ? 'At least 8 characters.' : undefined}
      />
      <Button kind="primary" type="submit" isBusy={isBusy}>
        {isNew ? 'Create the account' : 'Sign in'}
      </Button>
    </form>
  );
}
