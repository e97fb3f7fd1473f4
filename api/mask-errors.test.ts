import { GraphQLError } from 'graphql';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createErrorMask } from './mask-errors.ts';

function world() {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) });
  return { lines, mask: createErrorMask({ logger, isIntrospectionOpen: true }) };
}

it('tells every client that a database is away, and the log once in a while', () => {
  const { lines, mask } = world();
  for (let request = 0; request < 1_000; request += 1) {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    const failed = new GraphQLError(cause.message, { path: ['viewer'], originalError: cause });
    expect(mask(failed).extensions).toEqual({ code: 'UNAVAILABLE', retryAfterMs: 2_000 });
  }
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(20);
  expect(lines[0]).toMatchObject({ msg: 'A store could not be reached.', path: 'viewer', untold: 0 });
});

it('tells of each other failure by itself, under what its client was told', () => {
  const { lines, mask } = world();
  const ids = ['a', 'b'].map((message) => mask(new Error(message)).extensions.requestId);
  expect(lines.map(({ requestId }) => requestId)).toEqual(ids);
});
