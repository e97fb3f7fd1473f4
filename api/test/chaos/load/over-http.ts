import { ask } from '../../client/ask.ts';
import type { Document } from './documents.ts';
import type { Endpoint } from './options.ts';
import type { Reply } from './reply.ts';

/** More than the five seconds after which a server says that it does not know. */
const answerMs = 8_000;

/** One operation over HTTP. Never rejects. */
export async function askOverHttp<Data>(
  { httpUrl }: Endpoint,
  document: Document<Data>,
  { variables, token }: { readonly variables: object; readonly token?: string },
): Promise<Reply<Data>> {
  try {
    const signal = AbortSignal.timeout(answerMs);
    const operation = { query: document.text, variables: { ...variables }, signal };
    return await ask<Data>(httpUrl, token === undefined ? operation : { ...operation, token });
  } catch (failure) {
    return { lost: failure instanceof Error ? failure.message : String(failure) };
  }
}
