import { parse, validate } from 'graphql';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';
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

  it('shows examples that the schema knows', () => {
    const examples = examplesFor({ handle: 'ada', password: 'secret' });
    for (const { query, headers = '{}' } of examples) {
      expect(validate(schema, parse(query))).toEqual([]);
      JSON.parse(headers);
    }
    expect(JSON.stringify(examples)).toContain('ada');
  });
});
