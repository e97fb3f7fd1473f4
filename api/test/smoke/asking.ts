import type { Client } from 'graphql-ws';
import { askOverSocket } from '../client/stock-client.ts';

/** What a mutation answers, by the name of `result`. */
export type Result = { readonly __typename: string; readonly code?: string };
type Errors = readonly { readonly extensions?: { readonly code?: string } }[];
/** Operations that may be refused name what they ask for `result`. */
type Answered = { readonly result?: Result; readonly [name: string]: unknown };
type Operation = { readonly query: string; readonly variables: Readonly<Record<string, unknown>> };

/** What the server answers when the same may be tried again. */
const passing = new Set(['RATE_LIMITED', 'UNAVAILABLE', 'CONFLICT']);

export const mayBeRepeated = (errors: Errors) =>
  errors.every(({ extensions }) => passing.has(extensions?.code ?? ''));

/** Undefined when this was no answer yet. Throws when it never will be one. */
export function answerIn<Answer extends Answered>(
  data: Answer | null | undefined,
  errors: Errors | undefined,
): Answer | undefined {
  if (errors && mayBeRepeated(errors)) return undefined;
  if (!data || errors) throw new Error(`There was no answer but ${JSON.stringify(errors)}`);
  return passing.has(data.result?.code ?? '') ? undefined : data;
}

type Options = {
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly backOff: () => Promise<void>;
};

/** Asks again, with what the operation is then, until there is an answer. Rejects when there can be none, and at the end of the run. */
export async function untilAnswered<Answer extends Answered>(
  { client, signal, backOff }: Options,
  operation: () => Operation,
): Promise<Answer> {
  while (!signal.aborted) {
    const answer = await askOverSocket<Answer>(client, operation()).catch(() => undefined);
    const found = answer && answerIn(answer.data, answer.errors);
    if (found !== undefined) return found;
    await backOff();
  }
  throw new Error('The run is over.');
}
