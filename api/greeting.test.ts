import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../schema/index.ts';
import { greeting } from './greeting.ts';

const withPage = { GRAPHIQL: true, PERSISTED_ONLY: false };
const withoutPage = { GRAPHIQL: false, PERSISTED_ONLY: false };
const started = {
  url: 'http://127.0.0.1:4000/graphql',
  dataDir: '/srv/.data/postgres',
  isDemo: true,
  isWebDemo: false,
};
const withChat = { ...started, isWebDemo: true };

describe('the greeting', () => {
  it('has at most ten lines, with the address first', () => {
    const lines = greeting(withPage, started);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[0]).toContain(started.url);
    const all = { ...withChat, metricsUrl: 'http://127.0.0.1:9000/metrics', documents: 12 };
    expect(greeting(withPage, all).length).toBeLessThanOrEqual(10);
    expect(greeting({ GRAPHIQL: false, PERSISTED_ONLY: true }, all).length).toBeLessThanOrEqual(10);
  });

  it('begins with where people chat, where there is a page for that, and then where GraphQL is', () => {
    expect(greeting(withPage, withChat).slice(0, 4)).toEqual([
      'Parley runs: http://127.0.0.1:4000/',
      'Open that in two windows to chat: one click makes you alice in the one, and bob in the other.',
      'GraphQL: http://127.0.0.1:4000/graphql',
      'Open that in a browser: GraphiQL, with documentation and examples; one click there makes you alice or bob.',
    ]);
    expect(greeting(withoutPage, { ...withChat, isDemo: false }).slice(0, 3)).toEqual([
      'Parley runs: http://127.0.0.1:4000/',
      'Open that in a browser to chat.',
      'GraphQL: http://127.0.0.1:4000/graphql',
    ]);
  });

  it('shows the chat where others reach it', () => {
    const [line] = greeting(withPage, { ...withChat, url: 'https://chat.example/graphql' });
    expect(line).toBe('Parley runs: https://chat.example/');
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
    expect(words).not.toMatch(/GraphiQL|alice|Data are|chat/);
  });

  it('offers nothing to be pasted where only chosen documents run', () => {
    const words = greeting({ GRAPHIQL: false, PERSISTED_ONLY: true }, { ...started, documents: 12 }).join();
    expect(words).toContain('Nothing runs but 12 chosen documents.');
    expect(words).not.toMatch(/mutation|GraphiQL/);
  });
});
