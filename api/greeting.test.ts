import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../schema/index.ts';
import { greeting } from './greeting.ts';

const started = { url: 'http://127.0.0.1:4000/graphql', dataDir: '/srv/.data/postgres', isDemo: true };

describe('the greeting', () => {
  it('has at most ten lines, with the address first', () => {
    const lines = greeting({ GRAPHIQL: true }, started);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[0]).toContain(started.url);
  });

  it('shows a mutation that can be pasted', () => {
    const lines = greeting({ GRAPHIQL: true }, started);
    const mutation = lines.find((line) => line.includes('mutation')) ?? '';
    expect(validate(schema, parse(mutation))).toEqual([]);
  });

  it('says that one click is enough, where there is a page to click on', () => {
    expect(greeting({ GRAPHIQL: true }, started).join()).toContain('one click there makes you alice or bob');
    const words = greeting({ GRAPHIQL: false }, started).join();
    expect(words).not.toContain('click');
    expect(words).toContain('alice or bob, password parley-demo');
  });

  it('offers only what there is', () => {
    expect(greeting({ GRAPHIQL: true }, { ...started, isDemo: false }).join()).not.toMatch(/click|alice/);
    const words = greeting({ GRAPHIQL: false }, { ...started, dataDir: undefined, isDemo: false }).join();
    expect(words).not.toMatch(/GraphiQL|alice|Data are/);
  });
});
