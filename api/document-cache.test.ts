import { buildSchema } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { createDocumentCache } from './document-cache.ts';
import { closeProduct, openServing } from './test/serving/serving.ts';
import { openAcknowledged, subscribeFrame } from './test/serving/wire-client.ts';

afterAll(closeProduct);

const schema = buildSchema('type Query { a: Int b: Int }');
const open = (options = {}) => createDocumentCache({ schema, isIntrospectionOpen: true, ...options });

describe('a document', () => {
  it('is parsed and validated once, whichever way it comes', async () => {
    const serving = await openServing();
    const { server } = serving;
    const query = 'query Hello { hello }';
    const overHttp = async () => {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      expect(await response.json()).toEqual({ data: { hello: 'world' } });
    };
    const client = await openAcknowledged(server.socketUrl, 'ada');
    const overSocket = async (id: string) => {
      client.send(subscribeFrame(id, query));
      const { payload } = await client.until(({ type }) => type === 'next');
      expect(payload).toEqual({ data: { hello: 'world' } });
    };
    expect(server.counts.checked).toBe(0);
    await overSocket('a');
    expect(server.counts).toMatchObject({ checked: 1, remembered: 1 });
    await overSocket('b');
    await overHttp();
    await overHttp();
    expect(server.counts.checked).toBe(1);
    await serving.close();
  });

  it('that is known is the same operation every time', () => {
    const documents = open();
    const text = 'query A { a } query B { b }';
    const operation = documents.find(text, 'A');
    expect(documents.find(text, 'A')).toBe(operation);
    expect(documents.find(text, 'B')).not.toBe(operation);
    expect(documents.find('{ a }', null)).toMatchObject({ name: undefined });
    expect(documents.counts).toEqual({ checked: 2, remembered: 2 });
  });

  it('that is wrong is never remembered', () => {
    const documents = open();
    for (const text of ['{ c }', '{ c }', '{']) expect(documents.find(text)).toHaveLength(1);
    expect(documents.counts).toEqual({ checked: 3, remembered: 0 });
  });

  it('is forgotten when it was used longest ago and there are too many, or too long ones', () => {
    const few = open({ maxDocuments: 2 });
    for (const text of ['{ a }', '{ b }', '{ a }', '{ a b }']) few.find(text);
    few.find('{ a }');
    expect(few.counts).toEqual({ checked: 3, remembered: 2 });
    few.find('{ b }');
    expect(few.counts.checked).toBe(4);
    const short = open({ maxTextLength: 1_000 });
    for (let index = 0; index < 100; index += 1) short.find(`query Number${index} { a } # ${'x'.repeat(70)}`);
    expect(short.counts.remembered).toBeLessThanOrEqual(10);
    expect(short.counts.remembered).toBeGreaterThan(5);
  });
});
