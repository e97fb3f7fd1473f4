import type { Outcome } from '../sync/outbox.ts';

/** What `sendMessage` answers, as far as it says what became of the message. */
type Result =
  | { readonly __typename: 'SendMessagePayload'; readonly deduplicated: boolean }
  | {
      readonly __typename: 'Denied';
      readonly code: string;
      readonly explanation: string;
      readonly until: string | null;
    }
  | { readonly __typename: 'InvalidInput'; readonly code: string; readonly explanation: string };
type Failure = { readonly message: string; readonly extensions?: { readonly code?: unknown } };

/** Errors that would be the same at every attempt. */
const final = ['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX', 'FORBIDDEN'];

export function outcomeOf(result: Result | undefined, failure: Failure | undefined): Outcome {
  if (result === undefined) return outcomeOfFailure(failure);
  switch (result.__typename) {
    case 'SendMessagePayload':
      return result.deduplicated ? 'sentBefore' : 'sent';
    case 'Denied': // with a time, it is only too early
      return result.until === null ? { ...result } : 'later';
    default:
      return { ...result, until: null };
  }
}

function outcomeOfFailure(failure: Failure | undefined): Outcome {
  const code = String(failure?.extensions?.code ?? '');
  if (failure === undefined || !final.includes(code)) return 'later';
  return { code, explanation: failure.message, until: null };
}
