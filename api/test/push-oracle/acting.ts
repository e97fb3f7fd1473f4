import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Operation } from '../client/ask.ts';
import type { Span, Timeline } from './timeline.ts';

/** What is refused because something is away for a while is asked again this often, in milliseconds. */
const againMs = 200;
/** Longer than anything stays away here. */
const patienceMs = 90_000;

export type Done<Data> = { readonly data: Data; readonly span: Span };

/**
 * Asks until there is an answer, whatever breaks meanwhile: everything that is asked here may be repeated. The span is from the first
 * question to the answer. Rejects when there is none for very long, or `signal` aborts.
 */
export async function act<Data>(
  httpUrl: string,
  operation: Operation,
  signal: AbortSignal,
): Promise<Done<Data>> {
  const from = Date.now();
  let problem: unknown;
  while (Date.now() - from < patienceMs) {
    signal.throwIfAborted();
    try {
      const { data, errors } = await ask<Data>(httpUrl, { ...operation, signal });
      if (data !== null && data !== undefined && errors === undefined)
        return { data, span: { from, to: Date.now() } };
      problem = new Error(`${JSON.stringify(errors)} for ${operation.query}`);
    } catch (failure) {
      problem = failure;
    }
    await pause(againMs, undefined, { signal }).catch(() => undefined);
  }
  throw problem;
}

/** Remembers that this became so, somewhere in a span. */
export function record<T>(timeline: Timeline<T>, value: T, { from, to }: Span): void {
  timeline.changes.push({ value, from, to });
}

/** The same span, and so much later at most: for whoever is told by a hint. */
export const lateBy = (ms: number, { from, to }: Span): Span => ({ from, to: to + ms });

/**
 * Does something that makes this so. While it goes on nobody knows; if it fails for good, nobody ever will. Answers what it was
 * answered. What is told by a hint is done so much later at most: whoever does it answers with a span that says so (`lateBy`).
 */
export async function change<T, Data>(
  timeline: Timeline<T>,
  value: T,
  doing: () => Promise<Done<Data>>,
): Promise<Data> {
  const unknown = { value, from: Date.now(), to: Number.POSITIVE_INFINITY };
  timeline.changes.push(unknown);
  const { data, span } = await doing();
  timeline.changes.splice(timeline.changes.indexOf(unknown), 1, { value, ...span });
  return data;
}
