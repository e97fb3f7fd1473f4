import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { idOf } from '../account/document-id.ts';
import { renewing } from '../account/names.ts';
import { tokensOf } from '../account/tokens.ts';
import { RefreshSessionDocument } from '../gql/graphql.ts';
import { forgetOwner, type Owner, readOwner, writeOwner } from './kept.ts';

export type Answer<Data> = {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: unknown };
  }[];
};

/** A browser lets a push take some 30 s, all in all; an answer that is not there by then comes too late. */
const answerWithinMs = 8_000;

/** One operation of the owner. Undefined when there is no answer, or nobody whose operation it could be. Never rejects. */
export async function askSignedIn<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data> | undefined> {
  for (const isRefused of [false, true]) {
    const token = await tokenNow(isRefused).catch(() => undefined);
    if (token === undefined) return undefined;
    const answer = await ask(document, variables, token).catch(() => undefined);
    if (answer !== 'refused') return answer;
  }
  return undefined;
}

/** `isRefused`: the one of now is no good, whatever the clock says. */
function tokenNow(isRefused: boolean): Promise<string | undefined> {
  return withOwnersLock(async (owner) => {
    if (!isRefused && Date.now() < owner.tokens.renewAt) return owner.tokens.accessToken;
    const { refreshToken } = owner.tokens;
    const answer = await ask(RefreshSessionDocument, { refreshToken });
    const refreshed = answer === 'refused' ? undefined : answer.data?.refreshSession;
    if (refreshed?.__typename !== 'RefreshSessionPayload') {
      if (refreshed?.code === 'SESSION_REVOKED') await forgetOwner();
      return undefined;
    }
    const tokens = tokensOf(refreshed.session);
    await writeOwner({ ...owner, tokens });
    return tokens.accessToken;
  });
}

/** The tabs renew under the same lock, and write down what they got: see `shared-tokens.ts`. */
async function withOwnersLock<T>(work: (owner: Owner) => Promise<T>): Promise<T | undefined> {
  const meant = await readOwner();
  if (meant === undefined) return undefined;
  return navigator.locks.request(renewing(meant.viewerId), {}, async () => {
    const owner = await readOwner();
    return owner?.viewerId === meant.viewerId ? work(owner) : undefined;
  });
}

/** By its id if the server knows it, by its text otherwise. */
async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  token?: string,
): Promise<Answer<Data> | 'refused'> {
  const documentId = idOf(document);
  const byId = documentId === undefined ? undefined : await post<Data>({ documentId, variables }, token);
  if (byId === 'refused' || (byId && !byId.errors?.some(isUnknown))) return byId;
  return post({ query: document.loc?.source.body, variables }, token);
}

const isUnknown: (error: { readonly extensions?: { readonly code?: unknown } }) => boolean = ({
  extensions,
}) => extensions?.code === 'PERSISTED_DOCUMENT_NOT_FOUND';

async function post<Data>(body: object, token: string | undefined): Promise<Answer<Data> | 'refused'> {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerWithinMs),
  });
  if (response.status === 401 && token) return 'refused';
  const answer: Answer<Data> = await response.json();
  return answer;
}
