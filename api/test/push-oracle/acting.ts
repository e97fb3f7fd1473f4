import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Operation } from '../client/ask.ts';
import type { Span, Timeline } from './timeline.ts';

/** What is refused because something is away for a while is asked again this often, in milliseconds. */
const againMs = 200;
/** Longer than anything stays away here. */
const patienceMs = 90_000;

export type Done<Data> = { readonly data: Data; readonly span: Span };

/** Does this until it succeeds, whatever breaks meanwhile. Rejects when it does not for very long, or `signal` aborts. */
export async function untilDone<T>(doing: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const from = Date.now();
  let problem: unknown;
  while (Date.now() - from < patienceMs) {
    signal.throwIfAborted();
    try {
      return await doing();
    } catch (failure) {
      problem = failure;
    }
    await pause(againMs, undefined, { signal }).catch(() => undefined);
  }
  throw problem;
}

/**
 * Asks until there is an answer: everything that is asked here may be repeated. The span is from the first question to the answer.
 * Rejects as `untilDone` does.
 */
export async function act<Data>(
  httpUrl: string,
  operation: Operation,
  signal: AbortSignal,
): Promise<Done<Data>> {
  const from = Date.now();
  const data = await untilDone(async () => {
    const answer = await ask<Data>(httpUrl, { ...operation, signal });
    if (answer.data === null || answer.data === undefined || answer.errors !== undefined)
      throw new Error(`${JSON.stringify(answer.errors)} for ${operation.query}`);
    return answer.data;
  }, signal);
  return { data, span: { from, to: Date.now() } };
}

/** Remembers that this became so, somewhere in a span. */
export function record<T>(timeline: Timeline<T>, value: T, { from, to }: Span): void {
  timeline.changes.push({ value, from, to });
}

/** The same span, and so much later at most: for whoever is told by a hint. */
export const lateBy = (ms: number, { from, to }: Span): Span => ({ from, to: to + ms });

/**
 * Does something that makes this so. While it goes on nobody knows; if it fails for good, nobody ever will; if it is refused nothing has
 * changed. Answers what it was answered. What is told by a hint is done so much later at most: whoever does it answers with a span that says so (`lateBy`).
 */
export async function change<T, Data extends object>(
  timeline: Timeline<T>,
  value: T,
  doing: () => Promise<Done<Data>>,
): Promise<Data> {
  const unknown = { value, from: Date.now(), to: Number.POSITIVE_INFINITY };
  timeline.changes.push(unknown);
  const { data, span } = await doing();
  const known = isDenied(data) ? [] : [{ value, ...span }];
  timeline.changes.splice(timeline.changes.indexOf(unknown), 1, ...known);
  return data;
}

/** A question that is repeated is answered that it is done already. Whoever asks selects the kind of what is answered, and its code. */
const isDenied = (data: object) =>
  Object.values(data).some((result: unknown) => {
    if (typeof result !== 'object' || result === null || !('__typename' in result)) return false;
    const code = 'code' in result ? String(result.code) : '';
    return result.__typename === 'Denied' && !code.startsWith('ALREADY_');
  });
