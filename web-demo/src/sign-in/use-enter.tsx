import { useState } from 'react';
import type { Account } from '../account/accounts.ts';
import { isRefusal, type RefusalData } from '../account/enter.ts';
import { Notice } from '../design/notice.tsx';
import { Refusal } from '../design/refusal.tsx';

type Fields = Readonly<Record<'handle' | 'displayName' | 'password', string | undefined>>;
export type EnterProblem = {
  /** What is wrong with a field stands at the field. */
  readonly fields: Fields;
  readonly refusal?: RefusalData;
  readonly isUnanswered?: boolean;
};

const noFields: Fields = { handle: undefined, displayName: undefined, password: undefined };
const none: EnterProblem = { fields: noFields };

/** Signs in, by whatever is given, and says what came of it. */
export function useEnter(onSignedIn: (account: Account) => void) {
  const [problem, setProblem] = useState(none);
  const [isBusy, setIsBusy] = useState(false);

  async function enter(how: () => Promise<Account | RefusalData>): Promise<void> {
    setIsBusy(true);
    setProblem(none);
    try {
      const answer = await how();
      if (isRefusal(answer)) setProblem(problemOf(answer));
      else onSignedIn(answer);
    } catch {
      setProblem({ ...none, isUnanswered: true });
    } finally {
      setIsBusy(false);
    }
  }
  return { problem, isBusy, enter, clear: () => setProblem(none) };
}

function problemOf(refusal: RefusalData): EnterProblem {
  const { code, explanation, field } = refusal;
  const name = code === 'HANDLE_TAKEN' ? 'handle' : field?.at(-1);
  if (name === 'handle' || name === 'displayName' || name === 'password')
    return { fields: { ...noFields, [name]: explanation } };
  return { fields: noFields, refusal };
}

/** What is wrong with no field in particular. */
export function Entered({ problem }: { readonly problem: EnterProblem }) {
  if (problem.refusal) return <Refusal refusal={problem.refusal} />;
  if (!problem.isUnanswered) return null;
  return (
    <Notice kind="error">
      The server gave no answer. Look at your connection and try again: what you typed is kept.
    </Notice>
  );
}
