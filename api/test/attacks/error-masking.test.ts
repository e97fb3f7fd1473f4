import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorCatalogue, isErrorCode } from '../../../schema/errors.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// Q9: what goes wrong inside stays inside, and no code leaves the server that is not in the catalogue.

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());
afterAll(closeProduct);

type Problem = {
  readonly message: string;
  readonly path?: unknown;
  readonly extensions: Readonly<Record<string, unknown>>;
};

async function overHttp(
  body: unknown,
  init: RequestInit = {},
): Promise<{ text: string; problems: Problem[] }> {
  const response = await fetch(serving.server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
  });
  const text = await response.text();
  return { text, problems: JSON.parse(text).errors ?? [] };
}
async function overSocket(query: string, variables?: object): Promise<{ text: string; problems: Problem[] }> {
  const client = await openAcknowledged(serving.server.socketUrl, 'ada');
  client.send(subscribeFrame('a', query, variables));
  const { type, payload } = await client.next();
  await client.close();
  const problems =
    type === 'error' ? payload : payload instanceof Object && 'errors' in payload && payload.errors;
  return { text: JSON.stringify(payload), problems: Array.isArray(problems) ? problems : [] };
}

const unexpected = ['{ broken }', '{ foreignCode }', '{ borrowedCode }', '{ unserialisable }'];

describe('Q9: an unexpected failure', () => {
  it.for(unexpected)(
    'of %s tells the caller nothing but an id, under which its cause is logged once',
    async (query) => {
      for (const { text, problems } of [await overSocket(query), await overHttp({ query })]) {
        expect(text).not.toMatch(/SELECT|ECONNREFUSED|account|secret|42P01|BigInt|stack/);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatchObject({
          message: errorCatalogue.INTERNAL_SERVER_ERROR,
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        });
        const { requestId } = problems[0]?.extensions ?? {};
        expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
        expect(serving.logged.filter((line) => line.requestId === requestId).length).toBeLessThanOrEqual(1);
      }
      expect(serving.logged.length).toBeGreaterThan(0);
    },
  );

  it('that hits several fields is one, logged once', async () => {
    const { problems } = await overSocket('{ broken again: broken deep { hello } }');
    expect(problems.map(({ path }) => path)).toEqual([['broken'], ['again']]);
    expect(new Set(problems.map(({ extensions }) => extensions.requestId)).size).toBe(1);
    expect(serving.logged).toHaveLength(1);
    expect(serving.logged[0]?.err?.message).toContain('ECONNREFUSED');
  });
});

describe('Q9: an expected refusal', () => {
  it('passes as it is, with its place', async () => {
    expect((await overSocket('{ ours }')).problems).toEqual([
      {
        message: errorCatalogue.NOT_FOUND,
        path: ['ours'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'NOT_FOUND' },
      },
    ]);
    expect((await overSocket('subscription { refused { eventId } }')).problems).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
    expect(serving.logged).toEqual([]);
  });
});

/** Documents that fail, each in its way. */
const queries = [
  ...unexpected,
  '{ ours }',
  '{ a',
  '{ unknown }',
  'query A { hello } query B { hello }',
  'query ($t: String!) { echo(text: $t) }',
  'query ($t: String = "x") { echo(text: $t) }',
  'subscription { refused { eventId } }',
  'subscription { events { eventId } stuck { eventId } }',
  'fragment F on Query { hello }',
  'type A { a: Int }',
];
/** Requests over HTTP that are none. */
const wrongRequests: [unknown, RequestInit?][] = [
  ['no JSON'],
  ['null'],
  ['[]'],
  [{}],
  [{ query: 1 }],
  [{ query: '{ hello }', variables: 'x' }],
  [{ query: '{ hello }', operationName: 'Unknown' }],
  [{ query: '{ hello }', unknown: true }],
  [
    { query: '{ viewerId }' },
    { headers: { 'content-type': 'application/json', authorization: 'Bearer nobody' } },
  ],
  [{ query: `{ hello } # ${'x'.repeat(70_000)}` }],
];

describe('Q9: every error that leaves the server', () => {
  it('has a code of the catalogue', async () => {
    const answers = [];
    for (const query of queries) {
      answers.push(await overHttp({ query }));
      answers.push(await overSocket(query, { t: null }));
    }
    for (const [body, init] of wrongRequests) answers.push(await overHttp(body, init));
    for (const search of ['query={hello}&variables={', 'query=mutation{say(text:"x")}', 'query='])
      answers.push(await byGet(search));
    const problems = answers.flatMap((answer) => answer.problems);
    expect(problems.length).toBeGreaterThanOrEqual(30);
    for (const { message, extensions } of problems) {
      expect(isErrorCode(extensions.code), `${message} ${JSON.stringify(extensions)}`).toBe(true);
      const known = ['code', 'requestId', 'retryAfterMs', 'kind'];
      expect(Object.keys(extensions).filter((key) => !known.includes(key))).toEqual([]);
    }
  });
});

async function byGet(search: string): Promise<{ text: string; problems: Problem[] }> {
  const response = await fetch(`${serving.server.url}?${search}`, {
    headers: { accept: 'application/json' },
  });
  const text = await response.text();
  return { text, problems: JSON.parse(text).errors ?? [] };
}
