/** What a server answers to one operation. */
export type Answer<Data> = {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly retryAfterMs?: number };
  }[];
};

export type Operation = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** An access token. */
  readonly token?: string;
  /** Ends the waiting for the answer. */
  readonly signal?: AbortSignal;
};

/** Far more than any operation takes; without it, a server that hangs would hang its test. */
const answerMs = 20_000;

/** One operation over HTTP, as any client sends it. Rejects when no answer comes. */
export async function ask<Data>(
  httpUrl: string,
  { query, variables, token, signal }: Operation,
): Promise<Answer<Data>> {
  const patience = AbortSignal.timeout(answerMs);
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
  });
  return JSON.parse(await response.text());
}

/** The data of an answer that must have them. */
export async function read<Data>(httpUrl: string, operation: Operation): Promise<Data> {
  const { data, errors } = await ask<Data>(httpUrl, operation);
  if (data === null || data === undefined || errors !== undefined)
    throw new Error(`No data but ${JSON.stringify(errors)} for ${operation.query}`);
  return data;
}
