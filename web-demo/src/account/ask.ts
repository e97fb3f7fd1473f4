import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { stringifyDocument } from 'urql';
import { idOf } from './document-id.ts';

export type Answer<Data> = {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: unknown };
  }[];
};
type Body = { readonly [name: string]: unknown };

export const endpoint = new URL('/graphql', location.href).href;

/** One operation, by its id if the server knows it, by its text otherwise. Rejects when there is no answer. */
export async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  const documentId = idOf(document);
  const byId: Answer<Data> = documentId ? await post({ documentId, variables }) : unknown;
  if (!byId.errors?.some(({ extensions }) => extensions?.code === 'PERSISTED_DOCUMENT_NOT_FOUND'))
    return byId;
  return post({ query: stringifyDocument(document), variables });
}
const unknown = { errors: [{ message: '', extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } }] };

/** So long an answer may take: a little longer than a server gives a request. */
const answerWithinMs = 35_000;

async function post<Data>(body: Body): Promise<Answer<Data>> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const answer: Answer<Data> = await response.json();
  return answer;
}
