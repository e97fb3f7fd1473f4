import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../schema/index.ts';
import { greeting } from './greeting.ts';

const withPage = { GRAPHIQL: true, PERSISTED_ONLY: false };
const withoutPage = { GRAPHIQL: false, PERSISTED_ONLY: false };
const started = { url: 'http://127.0.0.1:4000/graphql', dataDir: '/srv/.data/postgres', isDemo: true };

describe('the greeting', () => {
  it('has at most ten lines, with the address first', () => {
    const lines = greeting(withPage, started);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[0]).toContain(started.url);
  });

  it('shows a mutation that can be pasted', () => {
    const lines = greeting(withPage, started);
    const mutation = lines.find((line) => line.includes('mutation')) ?? '';
    expect(validate(schema, parse(mutation))).toEqual([]);
  });

  it('says that one click is enough, where there is a page to click on', () => {
    expect(greeting(withPage, started).join()).toContain('one click there makes you alice or bob');
    const words = greeting(withoutPage, started).join();
    expect(words).not.toContain('click');
    expect(words).toContain('alice or bob, password parley-demo');
  });

  it('offers only what there is', () => {
    expect(greeting(withPage, { ...started, isDemo: false }).join()).not.toMatch(/click|alice/);
    const words = greeting(withoutPage, { ...started, dataDir: undefined, isDemo: false }).join();
    expect(words).not.toMatch(/GraphiQL|alice|Data are/);
  });

  it('offers nothing to be pasted where only chosen documents run', () => {
    const words = greeting({ GRAPHIQL: false, PERSISTED_ONLY: true }, { ...started, documents: 12 }).join();
    expect(words).toContain('Nothing runs but the 12 documents of PERSISTED_DOCUMENTS.');
    expect(words).not.toMatch(/mutation|GraphiQL/);
  });
});
