import { type FormEvent, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { refusalWords } from '../design/refusal.tsx';
import { TextField } from '../design/text-field.tsx';
import { ChangePasswordDocument } from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { Section } from './section.tsx';

/** About the new password; what is wrong with the one of now is `WRONG_CREDENTIALS`. */
const aboutNew = new Set(['EMPTY', 'TOO_LONG', 'MALFORMED']);

/** `handle`: a password manager has to know whose password it is. */
export function Password({ handle }: { readonly handle: string }) {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNew] = useState('');
  const [isDone, setDone] = useState(false);
  const { ask, isBusy, problem, forget } = useAsk();
  const words = problem && refusalWords(problem);
  const isWrong = problem?.code === 'WRONG_CREDENTIALS';
  const isAboutNew = problem !== undefined && aboutNew.has(problem.code);

  async function change(event: FormEvent) {
    event.preventDefault();
    setDone(false);
    const input = { currentPassword, newPassword };
    const done = await ask(ChangePasswordDocument, { input }, (data) => data.changePassword);
    if (!done) return;
    setDone(true);
    setCurrent('');
    setNew('');
  }
  const changed = (set: (value: string) => void) => (value: string) => {
    forget();
    set(value);
  };
  return (
    <Section title="Password" hint="A new password signs you out everywhere but here.">
      <form className="settings__form" onSubmit={(event) => void change(event)}>
        <input type="text" name="username" autoComplete="username" value={handle} readOnly hidden />
        <TextField
          {...{ label: 'Password of now', type: 'password', autoComplete: 'current-password', isExact: true }}
          {...{ value: currentPassword, onChange: changed(setCurrent), isRequired: true, maxLength: 200 }}
          error={isWrong ? 'This is not your password.' : undefined}
        />
        <TextField
          {...{ label: 'New password', type: 'password', autoComplete: 'new-password', isExact: true }}
          {...{ value: newPassword, onChange: changed(setNew), isRequired: true, maxLength: 200 }}
          {...{ hint: 'At least 8 characters.', error: isAboutNew ? words : undefined }}
        />
        {!isWrong && !isAboutNew && <ProblemNotice problem={problem} />}
        {isDone && <Notice kind="info">Your password is changed, and all other sessions have ended.</Notice>}
        <div className="settings__buttons">
          <Button type="submit" isBusy={isBusy}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}
