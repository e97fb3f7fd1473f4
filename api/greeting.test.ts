import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../schema/index.ts';
import { readConfig } from './config.ts';
import { greeting } from './greeting.ts';

const url = 'http://127.0.0.1:4000/graphql';

describe('the greeting', () => {
  it('has at most ten lines, with the address first', () => {
    const lines = greeting(readConfig({}), url, true);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[0]).toContain(url);
  });

  it('shows a mutation that can be pasted', () => {
    const mutation = greeting(readConfig({}), url, true).find((line) => line.includes('mutation')) ?? '';
    expect(validate(schema, parse(mutation))).toEqual([]);
  });

  it('offers only what there is', () => {
    const words = greeting(
      readConfig({ GRAPHIQL: 'off', DATABASE_URL: 'postgresql://db/x' }),
      url,
      false,
    ).join();
    expect(words).not.toMatch(/GraphiQL|alice|Data are/);
  });
});
