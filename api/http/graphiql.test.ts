import { parse, validate } from 'graphql';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelIdOf, messageIdOf, userIdOf } from '../../schema/ids.ts';
import { schema } from '../../schema/index.ts';
import { demoPassword, demoPeople } from '../seed.ts';
import { closeProduct, openServing, type Serving } from '../test/serving/serving.ts';
import { examplesFor } from './graphiql-examples.ts';

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());
afterAll(closeProduct);

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';

describe('GraphiQL', () => {
  it('is one page, at the endpoint and on the way to it, sent small and not sent twice', async () => {
    const home = await fetch(new URL('/', serving.server.url), { headers: { accept }, redirect: 'manual' });
    expect(home.headers.get('location')).toBe('/graphql');
    const page = await fetch(serving.server.url, { headers: { accept } });
    expect(page.headers.get('content-encoding')).toBe('gzip');
    expect(Number(page.headers.get('content-length'))).toBeLessThan(4_000_000);
    const html = await page.text();
    expect(html).toContain('"subscriptionsProtocol":"WS"');
    const plain = await fetch(serving.server.url, { headers: { accept, 'accept-encoding': 'identity' } });
    expect(await plain.text()).toBe(html);
    const etag = page.headers.get('etag') ?? '';
    const again = await fetch(serving.server.url, { headers: { accept, 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('loads nothing from elsewhere, and may talk to this server only', async () => {
    const page = await fetch(serving.server.url, { headers: { accept } });
    const html = await page.text();
    expect(html).not.toMatch(/<(script|link|img|iframe)[^>]+(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/(@import|url\()\s*["']?(https?:)?\/\//);
    for (const elsewhere of ['unpkg.com', 'jsdelivr', 'cdnjs', 'esm.sh', 'googleapis'])
      expect(html).not.toContain(elsewhere);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${serving.server.port}`);
    expect(policy).not.toMatch(/\*|https:/);
  });

  it('is not there when GRAPHIQL=off', async () => {
    const closed = await openServing({ settings: { GRAPHIQL: 'off' } });
    expect(
      (await fetch(closed.server.url, { headers: { accept } })).headers.get('content-type'),
    ).not.toContain('html');
    expect((await fetch(new URL('/', closed.server.url), { headers: { accept } })).status).toBe(404);
    await closed.close();
  });

  it('offers demo people only where there are some: otherwise nothing of them is on the page', async () => {
    const plain = await (await fetch(serving.server.url, { headers: { accept } })).text();
    expect(plain).toContain('startPage({"people":[],');
    expect(plain).not.toContain(demoPassword);
    const demo = { people: demoPeople.map(({ handle }) => ({ handle, password: demoPassword })) };
    const open = await openServing({ demo });
    const html = await (await fetch(open.server.url, { headers: { accept } })).text();
    for (const { handle } of demoPeople)
      expect(html).toContain(JSON.stringify({ handle, password: demoPassword }));
    await open.close();
  });
});

describe('the examples', () => {
  const ids = {
    channelId: channelIdOf(1n),
    messageId: messageIdOf(channelIdOf(1n), 2),
    peerId: userIdOf(2n),
  };
  const person = { handle: 'ada', password: 'secret' };

  it.for([
    ['with a demo', { person, ids }],
    ['without', {}],
  ] as const)('%s are known to the schema', ([, given]) => {
    for (const { query, variables = '{}' } of examplesFor(given)) {
      expect(validate(schema, parse(query))).toEqual([]);
      JSON.parse(variables);
    }
  });

  it('show a whole day of a developer', () => {
    const names = examplesFor({}).map(
      ({ query }) => /^(query|mutation|subscription) (\w+)/m.exec(query)?.[2],
    );
    expect(names).toEqual([
      'SignIn',
      'Channels',
      'History',
      'Events',
      'Send',
      'Reply',
      'MessagesAround',
      'People',
      'DirectChannel',
      'Contact',
      'Presence',
      'CreateGroup',
      'Read',
      'Typing',
      'MessageAdded',
      'Changes',
      'Server',
    ]);
  });

  it('say what is to be filled in where it is, and fit into the window', () => {
    for (const { query, variables = '{}' } of [...examplesFor({ person, ids }), ...examplesFor({})]) {
      const isIncomplete = variables.includes('""');
      expect(query.includes('into the variables.')).toBe(isIncomplete);
      for (const line of query.split('\n')) expect(line.length).toBeLessThanOrEqual(70);
    }
  });
});
