import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema as productSchema } from '../../../schema/index.ts';
import { createDocumentCache } from '../../document-cache.ts';
import { documentLimits, secretMutations } from '../../document-limits.ts';
import { maxBodyBytes } from '../../http/graphql-over-http.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';

// Documents that are too deep, too long, try too often, or are none. What a document costs when it runs: query-cost.test.ts.

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

/** Both transports, the same codes; and no resolver has run, because there is no data. */
const isTooComplex = async ([, query]: readonly [string, string]) =>
  expect(await refusal(query)).toEqual(['QUERY_TOO_COMPLEX']);
const isNotUnderstood = async ([, query]: readonly [string, string]) =>
  expect(await refusal(query)).toEqual(['BAD_USER_INPUT']);

describe('Q1: a document that is too deep', () => {
  it.for([
    ['13 levels', nested(13)],
    ['30 levels', nested(30)],
    ['600 levels', nested(600)],
    ['3,000 levels, never closed', `{ ${'deep{'.repeat(2_700)}`],
    ['20,000 levels', '{a'.repeat(20_000) + '}'.repeat(20_000)],
    ['in its values', `{ echo(text: ${'['.repeat(8_000)}) }`],
    ['in its types', `query ($v: ${'['.repeat(1_000)}Int${']'.repeat(1_000)}) { hello }`],
    ['in fragments of fragments', nestedInFragments(13)],
    ['in inline fragments', `{ ${'... { deep { '.repeat(13)}hello${' } }'.repeat(13)} }`],
  ] as const)('is refused: %s', isTooComplex);

  it('is refused also if one day size and tokens should let it through: the stack ends, the server does not', () => {
    const limits = { ...documentLimits, maxBytes: 10_000_000, maxTokens: 10_000_000 };
    const { find } = createDocumentCache({ schema: productSchema, isIntrospectionOpen: true, limits });
    for (const text of [nested(20_000), `{ a(b: ${'['.repeat(200_000)}${']'.repeat(200_000)}) }`])
      expect(find(text)).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
  });
});

describe('Q2: a document that is too long', () => {
  it.for([
    ['more than 2,000 tokens', `{ ${'hello '.repeat(2_001)} }`],
    ['more than 16 KB', `{ hello } # ${'x'.repeat(16_384)}`],
    ['more than 16 KB of characters that take several bytes', `{ hello } # ${'ä'.repeat(8_200)}`],
    ['more than 400 selections', `{ ${'hello '.repeat(401)} }`],
  ] as const)('is refused: %s', isTooComplex);

  const manyAliases = `{ ${aliases(33_000, 'hello')} }`;
  it('of 428 KB of aliases is refused before anybody reads it', async () => {
    expect(manyAliases.length).toBeGreaterThan(428_000);
    const { checked } = serving.server.counts;
    const response = await fetch(serving.server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: manyAliases }),
    });
    expect(response.status).toBe(413);
    const other = await openAcknowledged(serving.server.socketUrl, 'bob');
    other.send(subscribeFrame('a', manyAliases));
    expect(await other.closed).toMatchObject({ code: 1009 });
    expect(serving.server.counts.checked).toBe(checked);
  });

  it('is not even parsed, nor one that is too deep validated: what else is wrong with it is not found', () => {
    const { find } = createDocumentCache({ schema: productSchema, isIntrospectionOpen: true });
    const began = performance.now();
    for (const text of [
      `}${manyAliases}`,
      `{ ${'a '.repeat(2_001)} } }`,
      nested(13),
      `{ ${aliases(16, 'nothing')} }`,
    ])
      expect(find(text)).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }]);
    process.stdout.write(`Four documents refused in ${(performance.now() - began).toFixed(1)} ms.\n`);
  });
});

describe('Q3: many attempts in one document', () => {
  it.for([
    ['more than 15 aliases', `{ ${aliases(16, 'hello')} }`],
    [
      'many aliases in one fragment',
      `{ ${'...F '.repeat(4)} } fragment F on Query { ${aliases(4, 'hello')} }`,
    ],
    ['two guesses at a password', `mutation { a: ${guess(1)} b: ${guess(2)} }`],
    ['the same guess twice', `mutation { ${guess(1)} ${guess(1)} }`],
    [
      'a guess beside something else',
      `mutation { ...F say(text: "x") } fragment F on Mutation { ${guess(1)} }`,
    ],
    ['a guess inside inline fragments', `mutation { ... { ... { ${guess(1)} } } say(text: "x") }`],
  ] as const)('are refused: %s', isTooComplex);

  it('are refused also when another operation of the document is the one to run', async () => {
    const query = `mutation A { a: ${guess(1)} b: ${guess(2)} } mutation B { say(text: "x") }`;
    expect(await refusal(query)).toEqual(['QUERY_TOO_COMPLEX']);
  });
});

describe('Q6: a document that grows when it is read', () => {
  it('is refused: fragments that spread the next one twice', () => isTooComplex(['', exploding(40)]));

  it('is refused: fragments that go round in a circle', () =>
    isNotUnderstood(['', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }']));

  it.for([
    ['directives', `{ hello ${'@include(if: true) '.repeat(500)} }`],
    ['variables', `query (${Array.from({ length: 700 }, (_, n) => `$v${n}: Int`).join(' ')}) { hello }`],
  ] as const)('is refused: too many %s', async ([, query]) => {
    const [code, ...others] = await refusal(query);
    expect(others).toEqual([]);
    expect(['QUERY_TOO_COMPLEX', 'BAD_USER_INPUT']).toContain(code);
  });
});

describe('Q7: a document whose fields have to be compared', () => {
  it('is refused: fields that clash', () => isNotUnderstood(['', '{ echo(text: "a") echo(text: "b") }']));

  it.for([
    ['3,000 equal fields', `{ ${'hello '.repeat(3_000)} }`],
    ['fields in a matrix of inline fragments', `{ ${`... { ${'... { hello } '.repeat(21)} } `.repeat(20)} }`],
  ] as const)('is refused: %s', isTooComplex);
});

describe('Q11: no document', () => {
  it.for([
    ['one that does not end', '{ a'],
    ['an unknown field', '{ unknown }'],
    ['two operations and no name', 'query A { hello } query B { hello }'],
    ['only a fragment', 'fragment F on Query { hello }'],
    ['a lone surrogate', '{ hello \ud800 }'],
    ['a NUL', '{ hello \u0000 }'],
  ] as const)('is refused: %s', isNotUnderstood);

  it('is refused: an empty one', async () => {
    expect(await overSocket('')).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  it('leaves the socket as it was', async () => {
    expect(await overSocket('{ a')).toMatchObject({ errors: [{}] });
    expect(await overSocket('{ hello }')).toEqual({ data: { hello: 'world' } });
    expect(serving.logged).toEqual([]);
  });
});

describe('Q13: a subscription that is not one', () => {
  it.for([
    ['two root fields', 'subscription { events { eventId } stuck { eventId } }'],
    ['the same root field twice', 'subscription { a: events { eventId } b: events { eventId } }'],
    [
      'two root fields by a fragment',
      'subscription { ...F } fragment F on Subscription { events { eventId } stuck { eventId } }',
    ],
    ['introspection as its root field', 'subscription { __typename }'],
    [
      'a root field that may be left out',
      'subscription ($s: Boolean = true) { events @skip(if: $s) { eventId } }',
    ],
    ['@defer', '{ ... @defer { hello } }'],
    ['@stream', '{ hello @stream }'],
    ['@defer in a subscription', 'subscription { events { ... @defer { eventId } } }'],
  ] as const)('is refused: %s', isNotUnderstood);

  it('opens nothing', async () => {
    expect(serving.feed.opened).toBe(0);
  });
});

describe('Q14: a variable', () => {
  it('that is missing is refused', () => isNotUnderstood(['', 'query ($t: String!) { echo(text: $t) }']));

  const query = 'query ($t: String!) { echo(text: $t) }';
  /** Sends JSON as it is written here, over both transports; the codes, or the data. */
  async function answersTo(variables: string): Promise<unknown[]> {
    const text = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    const response = await fetch(serving.server.url, { method: 'POST', headers, body: text });
    lastId += 1;
    client.sendText(`{"id":"${lastId}","type":"subscribe","payload":${text}}`);
    const frame = await client.until(({ id }) => id === `${lastId}`);
    const overHttp = await response.json();
    const overSocket = frame.type === 'error' ? { errors: frame.payload } : frame.payload;
    return [overHttp, overSocket].map(({ data, errors }) => errors?.[0].extensions.code ?? data);
  }

  it.for([
    ['a list of 30,000 levels', `{"t":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['an object of 8,000 levels', `{"t":${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}}`],
    ['a number beyond all numbers', '{"t":1e999}'],
    ['null', '{"t":null}'],
    ['another name', '{"__proto__":{"t":"x"}}'],
    ['an object that would like to be a text', '{"t":{"toString":"x","valueOf":1,"__proto__":"x"}}'],
    ['no variables', '{}'],
  ] as const)('that is no text is refused: %s', async ([, variables]) => {
    expect(await answersTo(variables)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  });

  it.for([
    [
      'beside one of the name `__proto__`',
      '{"t":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ],
    ['given twice', '{"t":"y","t":"x"}'],
  ] as const)('is taken as it is, %s', async ([, variables]) => {
    expect(await answersTo(variables)).toEqual([{ echo: 'x' }, { echo: 'x' }]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('of a text that cannot be written as UTF-8 comes back as JSON wrote it', async () => {
    expect(await answersTo('{"t":"\\ud800\\u0000"}')).toEqual([{ echo: '\ud800\0' }, { echo: '\ud800\0' }]);
  });
});

describe('Q1, Q2, Q3: a document at all these limits', () => {
  it('is answered', async () => {
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
});

function guess(number: number): string {
  return `signIn(input: { password: "${number}" })`;
}
/** A level each, one inside the other. */
function nestedInFragments(depth: number): string {
  const fragments = Array.from(
    { length: depth },
    (_, index) => `fragment F${index} on Deep { deep { ...F${index + 1} } }`,
  );
  return `{ deep { ...F0 } } ${fragments.join(' ')} fragment F${depth} on Deep { hello }`;
}
/** Fragments that spread the next one twice: 2^levels fields. */
function exploding(levels: number): string {
  const fragments = Array.from(
    { length: levels },
    (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
  );
  return `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { hello }`;
}

describe('Q4: a request over HTTP with a list of operations', () => {
  it('is refused', async () => {
    const response = await fetch(serving.server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Array.from({ length: 1_000 }, () => ({ query: '{ hello }' }))),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

describe('Q2: a request over HTTP', () => {
  it('of more than 64 KB is refused with 413, whether or not it tells its length', async () => {
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
