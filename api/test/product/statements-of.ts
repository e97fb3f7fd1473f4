import pg from 'pg';
import { vi } from 'vitest';
import type { Talker } from './talker.ts';

export type List<T> = { edges: readonly { node: T }[] };

export type Query = { readonly text: string; readonly values: readonly unknown[] };

const queryOf = ([query, values]: readonly unknown[]): Query => {
  if (typeof query === 'string') return { text: query, values: Array.isArray(values) ? values : [] };
  const { text = '', values: own = [] } = (query ?? {}) as Partial<Query>;
  return { text, values: own };
};

/**
 * What goes to the database meanwhile, whoever sends it: let time stand still in that world, so that nothing which is done now and
 * then sends any. What a new connection begins with is not counted.
 */
export async function queriesDuring<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly queries: readonly Query[] }> {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const result = await work();
    const queries = spy.mock.calls.map((call: readonly unknown[]) => queryOf(call));
    return { result, queries: queries.filter(({ text }) => !text.startsWith('SET ')) };
  } finally {
    spy.mockRestore();
  }
}

/** The statements only. */
export async function statementsDuring<T>(work: () => Promise<T>) {
  const { result, queries } = await queriesDuring(work);
  return { result, statements: queries.map(({ text }) => text) };
}

/** Those that it takes to answer somebody who asks this. */
export async function statementsOf<Data>(talker: Talker, document: string, variables = {}) {
  const { result, statements } = await statementsDuring(() => talker.query<Data>(document, variables));
  return { data: result, statements };
}

/** What to say when there were more than there may be. */
export const many = (statements: readonly string[]) =>
  `${statements.length} statements:\n${statements.join('\n')}`;
