import type { Refusal, ResultOf } from './documents.ts';

/** What a server answers to one operation. */
export type Answer<Data> = {
  readonly data?: Data | null;
  readonly errors?: readonly Problem[];
};
export type Problem = { readonly message: string; readonly extensions?: { readonly code?: string } };
/** There was no answer, and there will be none. */
export type Lost = { readonly lost: string };
export type Reply<Data> = Answer<Data> | Lost;

/** What follows from a reply for who asked. `unknown`: it may have been done; it is to be asked again. */
export type Judged<Payload> =
  | { readonly kind: 'done'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown'; readonly because: string; readonly isStrange?: true };

/** With these the same may be asked again, here or elsewhere. */
const passing = new Set(['UNAVAILABLE', 'RATE_LIMITED', 'CONFLICT', 'UNAUTHENTICATED']);

const isRefusal = (result: object): result is Refusal => 'code' in result;

/** Of a query. `isStrange`: nothing that a server should ever say; it is asked again all the same. */
export function dataIn<Data>(reply: Reply<Data>): Judged<Data> {
  if ('lost' in reply) return { kind: 'unknown', because: reply.lost };
  const { data, errors } = reply;
  if (data !== undefined && data !== null && errors === undefined) return { kind: 'done', payload: data };
  const codes = (errors ?? []).map(({ extensions }) => extensions?.code ?? 'no code');
  const because = codes.join(' ') || 'no data';
  const isPassing = codes.length > 0 && codes.every((code) => passing.has(code));
  return isPassing ? { kind: 'unknown', because } : { kind: 'unknown', because, isStrange: true };
}

/** Of a mutation that answers as `result`. */
export function resultIn<Payload extends object>(reply: Reply<ResultOf<Payload>>): Judged<Payload> {
  const found = dataIn(reply);
  if (found.kind !== 'done') return found;
  const { result } = found.payload;
  if (!isRefusal(result)) return { kind: 'done', payload: result };
  const { code, until } = result;
  return passing.has(code) || until ? { kind: 'unknown', because: code } : { kind: 'refused', code };
}
