import pg from 'pg';
import { vi } from 'vitest';
import type { Talker } from './talker.ts';

export type List<T> = { edges: readonly { node: T }[] };

/**
 * The statements that go to the database meanwhile, whoever sends them: let time stand still in that world, so that nothing which is
 * done now and then sends any. What a new connection begins with is not counted.
 */
export async function statementsDuring<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly statements: readonly string[] }> {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const result = await work();
    const texts = spy.mock.calls.map(([query]: unknown[]) =>
      typeof query === 'string' ? query : ((query as { text?: string } | null)?.text ?? ''),
    );
    return { result, statements: texts.filter((text) => !text.startsWith('SET ')) };
  } finally {
    spy.mockRestore();
  }
}

/** Those that it takes to answer somebody who asks this. */
export async function statementsOf<Data>(talker: Talker, document: string, variables = {}) {
  const { result, statements } = await statementsDuring(() => talker.query<Data>(document, variables));
  return { data: result, statements };
}

/** What to say when there were more than there may be. */
export const many = (statements: readonly string[]) =>
  `${statements.length} statements:\n${statements.join('\n')}`;
