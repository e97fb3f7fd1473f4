import type { Client, ExecutionResult, Sink } from 'graphql-ws';
import type { Answer } from '../client/ask.ts';

// region over-http
/** One operation of the manifest over HTTP: an id stands where the text would. */
export async function askById<Data>(httpUrl: string, { token, ...operation }: OperationById) {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(httpUrl, { method: 'POST', headers, body: JSON.stringify(operation) });
  const answer: Answer<Data> = await response.json();
  return answer;
}
// endregion

type OperationById = {
  readonly documentId: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly token?: string;
};

// region over-socket
/** The same over a socket: graphql-ws wants a text, which may be empty, and has a place for more. */
export function subscribeById<Data extends Record<string, unknown>>(
  client: Client,
  { documentId, variables }: OperationById,
  sink: Sink<ExecutionResult<Data>>,
) {
  return client.subscribe<Data>({ query: '', extensions: { documentId }, variables }, sink);
}
// endregion
