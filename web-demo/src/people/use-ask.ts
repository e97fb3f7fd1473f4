import { useRef, useState } from 'react';
import type { AnyVariables, TypedDocumentNode } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { type Problem, problemOf } from './problem-of.ts';

/** The other members of every result union, beside what was done. */
type Refused = { readonly __typename: 'Denied' | 'InvalidInput' };
/** What a mutation answers. The last three only when it is refused. */
type Result = {
  readonly __typename: string;
  readonly code?: string;
  readonly explanation?: string;
  readonly until?: string | null;
};

export type Ask = <Data, Variables extends AnyVariables, R extends Result>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  resultOf: (data: Data) => R,
) => Promise<Exclude<R, Refused> | undefined>;

export type Asking = {
  /** Resolves with what was done, and with nothing when it was refused, failed, or the last one still runs. Never rejects. */
  readonly ask: Ask;
  readonly isBusy: boolean;
  /** Why the last one was not done, in words. */
  readonly problem: Problem | undefined;
  readonly forget: () => void;
};

const isDone = <R extends Result>(result: R): result is Exclude<R, Refused> =>
  result.__typename !== 'Denied' && result.__typename !== 'InvalidInput';

/** One mutation at a time, however often something is clicked. */
export function useAsk(): Asking {
  const { client } = useChat();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const isAsking = useRef(false);

  const ask: Ask = async (document, variables, resultOf) => {
    if (isAsking.current) return undefined;
    isAsking.current = true;
    setBusy(true);
    setProblem(undefined);
    const { data, error } = await client.mutation(document, variables).toPromise();
    isAsking.current = false;
    setBusy(false);
    // An answer without the mutation's own field is a failure, whatever else it says.
    if (!data) {
      setProblem(problemOf(error));
      return undefined;
    }
    const result = resultOf(data);
    if (isDone(result)) return result;
    const { code = '', explanation = '', until = null } = result;
    setProblem({ code, explanation, until });
    return undefined;
  };
  return { ask, isBusy, problem, forget: () => setProblem(undefined) };
}
