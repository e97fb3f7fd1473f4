import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema as productSchema } from '../../../schema/index.ts';
import { documentLimits, secretMutations } from '../../document-limits.ts';
import { maxBodyBytes } from '../../http/graphql-over-http.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';

// Q1–Q4, Q6–Q8, Q11, Q13: documents that are too deep, too long, too often, or no documents.

let serving: Serving;
let client: WireClient;
beforeAll(async () => {
  serving = await openServing({ settings: { FRAMES_BURST: '100000' } });
  client = await openAcknowledged(serving.server.socketUrl, 'ada');
});
afterAll(async () => {
  await serving.close();
  await closeProduct();
});

type Problem = { readonly message: string; readonly extensions: { readonly code: string } };
type Answer = { readonly data?: unknown; readonly errors?: readonly Problem[] };

async function overHttp(query: string, url = serving.server.url): Promise<{ status: number; body: Answer }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}
let lastId = 0;
async function overSocket(query: string): Promise<Answer> {
  lastId += 1;
  const id = `${lastId}`;
  client.send(subscribeFrame(id, query));
  const frame = await client.until((one) => one.id === id);
  if (frame.type === 'error') return { errors: frame.payload as Problem[] };
  return frame.payload as Answer;
}
/** The codes with which both transports refuse it; both must say the same. */
async function refusal(query: string): Promise<string[]> {
  const [{ status, body }, answer] = [await overHttp(query), await overSocket(query)];
  expect(body.data).toBeUndefined();
  expect(status).toBe(400);
  expect(answer).toEqual(body);
  return [...new Set(body.errors?.map(({ extensions: { code } }) => code))];
}

const nested = (depth: number) => `{ ${'deep { '.repeat(depth - 1)}hello${' }'.repeat(depth - 1)} }`;
const aliases = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ');

describe('a document', () => {
  it.for([
    ['Q1: 13 levels deep', nested(13)],
    ['Q1: 30 levels deep', nested(30)],
    ['Q1: 600 levels deep', nested(600)],
    ['Q1: 3,000 levels deep', `{ ${'deep{'.repeat(2_700)}`],
    ['Q1: deep in its values', `{ echo(text: ${'['.repeat(8_000)}) }`],
    ['Q2: of more than 2,000 tokens', `{ ${'hello '.repeat(2_001)} }`],
    ['Q2: of more than 16 KB', `{ hello } # ${'x'.repeat(16_384)}`],
    ['Q2: of more than 400 selections', `{ ${'hello '.repeat(401)} }`],
    ['Q3: with more than 15 aliases', `{ ${aliases(16, 'hello')} }`],
    [
      'Q3: with many aliases in one fragment',
      `{ ${'...F '.repeat(4)} } fragment F on Query { ${aliases(4, 'hello')} }`,
    ],
    [
      'Q3: with two guesses at a password',
      `mutation { a: signIn(input: {password: "1"}) b: signIn(input: {password: "2"}) }`,
    ],
    [
      'Q3: with a guess beside something else',
      `mutation { ...F say(text: "x") } fragment F on Mutation { signIn(input: {password: "1"}) }`,
    ],
    ['Q6: whose fragments explode', exploding(40)],
  ] as const)('%s is refused as too complex', async ([, query]) => {
    expect(await refusal(query)).toEqual(['QUERY_TOO_COMPLEX']);
  });

  it.for([
    [
      'Q6: whose fragments go round in a circle',
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    ],
    ['Q7: whose fields clash', '{ echo(text: "a") echo(text: "b") }'],
    ['Q11: that does not end', '{ a'],
    ['Q11: that is empty', ''],
    ['Q11: with an unknown field', '{ unknown }'],
    ['Q11: with two operations and no name', 'query A { hello } query B { hello }'],
    ['Q13: with two subscription fields', 'subscription { events { eventId } stuck { eventId } }'],
    ['Q13: with @defer', '{ ... @defer { hello } }'],
    ['Q14: with a variable that is missing', 'query ($t: String!) { echo(text: $t) }'],
  ] as const)('%s is refused as not understood', async ([, query]) => {
    if (query === '') {
      expect(await overSocket(query)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    } else expect(await refusal(query)).toEqual(['BAD_USER_INPUT']);
  });

  it('at all these limits is answered', async () => {
    const answered = [
      nested(12),
      `{ ${aliases(15, 'hello')} }`,
      `{ ${'hello '.repeat(400)} }`,
      '{ hello: hello }',
    ];
    for (const query of answered) expect((await overHttp(query)).body.errors).toBeUndefined();
    expect(documentLimits).toMatchObject({
      maxBytes: 16_384,
      maxTokens: 2_000,
      maxDepth: 12,
      maxAliases: 15,
    });
  });

  it('leaves the socket as it was', async () => {
    expect(await overSocket('{ hello }')).toEqual({ data: { hello: 'world' } });
    expect(serving.logged).toEqual([]);
  });
});

/** Fragments that spread the next one twice: 2^levels fields. */
function exploding(levels: number): string {
  const fragments = Array.from(
    { length: levels },
    (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { hello }`;
}

describe('a request over HTTP', () => {
  it('Q4: with a list of operations is refused', async () => {
    const response = await fetch(serving.server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ hello }' }))),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('Q2: of more than 64 KB is refused with 413, whether or not it tells its length', async () => {
    expect(maxBodyBytes).toBe(65_536);
    const body = JSON.stringify({ query: '{ hello }', variables: { x: 'x'.repeat(70_000) } });
    for (const headers of [{ 'content-length': `${body.length}` }, { 'transfer-encoding': 'chunked' }]) {
      const request = httpRequest(serving.server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      });
      request.end(body);
      const [response]: IncomingMessage[] = await once(request, 'response');
      expect(response?.statusCode).toBe(413);
      const chunks = await response?.toArray();
      expect(JSON.parse(Buffer.concat(chunks ?? []).toString())).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
    }
  });
});

describe('Q8: introspection', () => {
  const introspection =
    '{ __schema { types { name fields { name type { name ofType { name ofType { name } } } } } } }';

  it('is open by default, and mistakes are met with suggestions', async () => {
    expect((await overHttp(introspection)).body.errors).toBeUndefined();
    expect((await overHttp('{ helo }')).body.errors?.[0]?.message).toContain('Did you mean');
  });

  it('can be closed, and then nothing else gives names away', async () => {
    const closed = await openServing({ settings: { INTROSPECTION: 'off' } });
    const ask = async (query: string) => (await overHttp(query, closed.server.url)).body;
    const [problem] = (await ask(introspection)).errors ?? [];
    expect(problem).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(problem?.message).toContain('introspection has been disabled');
    for (const query of [
      '{ helo }',
      '{ echo(txt: "x") }',
      '{ __typename hell }',
      'mutation { signIn(input: {pasword: "x"}) }',
    ]) {
      const { errors } = await ask(query);
      expect(errors?.length).toBeGreaterThan(0);
      for (const { message } of errors ?? []) expect(message).not.toMatch(/did you mean/i);
    }
    await closed.close();
  });
});

describe('Q3: the mutations of the product that look at a secret', () => {
  it('are all known to stand alone', () => {
    const fields = Object.values(productSchema.getMutationType()?.getFields() ?? {});
    const takesSecret = fields.filter(({ args }) =>
      args.some(({ type }) => {
        const input = productSchema.getType(String(type).replaceAll('!', ''));
        return (
          input !== undefined &&
          'getFields' in input &&
          Object.keys(input.getFields()).some((name) => /password|token/i.test(name))
        );
      }),
    );
    expect(takesSecret.length).toBeGreaterThan(0);
    for (const { name } of takesSecret) expect(secretMutations).toContain(name);
  });
});
