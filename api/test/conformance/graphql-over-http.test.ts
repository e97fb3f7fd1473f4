import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';

// What https://graphql.github.io/graphql-over-http/draft/ asks of a server.

let serving: Serving;
beforeAll(async () => {
  serving = await openServing();
});
afterAll(async () => {
  await serving.close();
  await closeProduct();
});

const modern = 'application/graphql-response+json';
const legacy = 'application/json';

async function post(body: unknown, accept?: string) {
  const response = await fetch(serving.server.url, {
    method: 'POST',
    headers: { 'content-type': legacy, ...(accept && { accept }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    answer: JSON.parse(text || 'null'),
  };
}

describe('an answer', () => {
  it.for([
    [modern, modern],
    [legacy, legacy],
    [`${modern}, ${legacy};q=0.9`, modern],
    ['*/*', legacy],
    [undefined, legacy],
  ] as const)('to Accept: %s is of type %s, in UTF-8', async ([accept, type]) => {
    const { status, type: got, answer } = await post({ query: '{ hello }' }, accept);
    expect({ status, answer }).toEqual({ status: 200, answer: { data: { hello: 'world' } } });
    expect(got).toContain(type);
    expect(got).toMatch(/charset=utf-8/i);
  });

  it('is 406 when nothing that is accepted can be given', async () => {
    const response = await fetch(serving.server.url, {
      method: 'POST',
      headers: { 'content-type': legacy, accept: 'text/csv' },
      body: '{"query":"{ hello }"}',
    });
    expect(response.status).toBe(406);
  });
});

describe('the status', () => {
  it.for([
    ['that cannot be parsed', { query: '{' }],
    ['that is not valid', { query: '{ unknown }' }],
    ['without its operation', { query: 'query A { hello }', operationName: 'B' }],
    ['with wrong variables', { query: 'query ($t: String!) { echo(text: $t) }', variables: { t: 1 } }],
  ] as const)('of a request with a document %s is 400, or 200 for old clients', async ([, body]) => {
    const { status, answer } = await post(body, modern);
    expect(status).toBe(400);
    expect(answer.data).toBeUndefined();
    expect(answer.errors.length).toBeGreaterThan(0);
    expect((await post(body, legacy)).status).toBe(200);
  });

  it.for([
    'no JSON',
    '',
    '{}',
    '{"query":"{hello}","operationName":1}',
    '"text"',
    '[]',
    '{"query":1}',
    '{"query":"{hello}","variables":[]}',
  ])('of a request that is no request (%s) is 400 for everybody', async (body) => {
    for (const accept of [modern, legacy]) expect((await post(body, accept)).status).toBe(400);
  });

  it('of a request that was executed is 200, also when all of it failed', async () => {
    const { status, answer } = await post({ query: '{ ours }' }, modern);
    expect(status).toBe(200);
    expect(answer).toMatchObject({ data: { ours: null }, errors: [{ path: ['ours'] }] });
  });
});

describe('parameters', () => {
  it('may be null when they are not needed', async () => {
    const body = { query: '{ hello }', variables: null, operationName: null, extensions: null };
    expect(await post(body, modern)).toMatchObject({ status: 200, answer: { data: { hello: 'world' } } });
  });

  it('come in the address with GET', async () => {
    const search = new URLSearchParams({
      query: 'query A($t: String!) { echo(text: $t) } query B { hello }',
      operationName: 'A',
      variables: '{"t":"Grüße"}',
    });
    const response = await fetch(`${serving.server.url}?${search}`, { headers: { accept: modern } });
    expect(await response.json()).toEqual({ data: { echo: 'Grüße' } });
  });
});
