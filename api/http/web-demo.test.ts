import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { demoPassword, demoPeople } from '../seed.ts';
import { type BuiltDemo, builtScript, writeBuiltDemo } from '../test/serving/built-demo.ts';
import { closeProduct, openServing, type Serving, type ServingOptions } from '../test/serving/serving.ts';
import { readWebDemo } from './web-demo-build.ts';

let built: BuiltDemo;
let serving: Serving;
beforeAll(async () => {
  built = await writeBuiltDemo();
});
afterEach(() => serving.close());
afterAll(async () => {
  await built.remove();
  await closeProduct();
});

async function open(options: ServingOptions = {}): Promise<void> {
  serving = await openServing({
    ...options,
    webDemo: await readWebDemo({ WEB_DEMO: true }, built.folder),
  });
}
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(path, `http://127.0.0.1:${serving.server.port}`), { method, headers, redirect: 'manual' });
const html = 'text/html,application/xhtml+xml,*/*;q=0.8';

describe('the web demo', () => {
  it('is at `/`, and its files at their paths, each as what it is', async () => {
    await open();
    const typeOf = async (path: string) => {
      const answer = await get(path);
      await answer.arrayBuffer();
      return [answer.status, answer.headers.get('content-type')];
    };
    expect(await typeOf('/')).toEqual([200, 'text/html; charset=utf-8']);
    expect(await typeOf('/assets/index-D0p5aVnr.js')).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(await typeOf('/assets/index-B_x-1Y9q.css')).toEqual([200, 'text/css; charset=utf-8']);
    expect(await typeOf('/assets/licence.txt')).toEqual([200, 'application/octet-stream']);
    expect(await typeOf('/service-worker.js')).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(await typeOf('/icon.svg')).toEqual([200, 'image/svg+xml']);
    expect(await typeOf('/manifest.webmanifest')).toEqual([200, 'application/manifest+json']);
    expect(await typeOf('/precache.json?fresh')).toEqual([200, 'application/json; charset=utf-8']);
  });

  it('leaves GraphQL, GraphiQL and the health of the server where they are', async () => {
    await open();
    const page = await get('/graphql', { accept: html });
    expect(await page.text()).toContain('"subscriptionsProtocol":"WS"');
    expect(page.headers.get('content-security-policy')).not.toContain('trusted-types');
    expect(await (await get('/graphql?query={hello}')).json()).toEqual({ data: { hello: 'world' } });
    for (const path of ['/livez', '/readyz']) {
      const answer = await get(path, { accept: html });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
  });

  it('is a page for whoever takes one, and nothing for who asks for something else', async () => {
    await open();
    const statusOf = async (accept: string) => (await get('/', { accept })).status;
    for (const accept of [html, '*/*', 'text/*', 'application/json;q=0.1, text/html', 'text/html;q=1'])
      expect(await statusOf(accept), accept).toBe(200);
    for (const accept of ['application/json', 'text/event-stream', 'image/*'])
      expect(await statusOf(accept), accept).toBe(404);
    expect((await get('/')).headers.get('vary')).toBe('Accept, Accept-Encoding');
  });

  it('is asked for once where the name says what is in it, and asked about each time elsewhere', async () => {
    await open();
    const keptFor = async (path: string) => (await get(path)).headers.get('cache-control');
    expect(await keptFor('/assets/index-D0p5aVnr.js')).toBe('public, max-age=31536000, immutable');
    expect(await keptFor('/assets/index-B_x-1Y9q.css')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/index.html', '/service-worker.js', '/precache.json', '/assets/licence.txt'])
      expect(await keptFor(path), path).toBe('no-cache');
  });

  it('is sent small, with the same content, and not sent twice', async () => {
    await open();
    const path = '/assets/index-D0p5aVnr.js';
    const zipped = await get(path);
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(zipped.headers.get('vary')).toBe('Accept-Encoding');
    expect(Number(zipped.headers.get('content-length'))).toBeLessThan(100);
    expect(await zipped.text()).toBe(builtScript);
    const plain = await get(path, { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(Number(plain.headers.get('content-length'))).toBe(builtScript.length);
    expect(await plain.text()).toBe(builtScript);
    const etag = zipped.headers.get('etag') ?? '';
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get(path, { 'if-none-match': tag });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect(again.headers.get('cache-control')).toContain('immutable');
    }
    const other = await get(path, { 'accept-encoding': 'identity', 'if-none-match': etag });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
  });

  it('answers HEAD with the same headers, and takes nothing', async () => {
    await open();
    const head = await get('/', {}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe((await get('/')).headers.get('content-length'));
    for (const path of ['/', '/service-worker.js', '/demo-people.json'])
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
        const refused = await get(path, {}, method);
        expect([refused.status, refused.headers.get('allow')], `${method} ${path}`).toEqual([
          405,
          'GET, HEAD',
        ]);
      }
  });
});

describe('what a browser may do with the web demo', () => {
  const policyOf = (answer: Response) =>
    new Map(
      (answer.headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')];
      }),
    );

  it('is said with every answer: scripts and styles of this server, and no other host', async () => {
    await open();
    const { port } = serving.server;
    const answers = [
      '/',
      '/assets/index-D0p5aVnr.js',
      '/service-worker.js',
      '/icon.svg',
      '/demo-people.json',
    ];
    for (const path of answers) {
      const answer = await get(path);
      expect(Object.fromEntries(policyOf(answer)), path).toEqual({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self'",
        'img-src': "'self' data:",
        'connect-src': `'self' ws://127.0.0.1:${port} wss://127.0.0.1:${port}`,
        'manifest-src': "'self'",
        'worker-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
        'require-trusted-types-for': "'script'",
        'trusted-types': 'parley-worker',
      });
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const permissions = answer.headers.get('permissions-policy')?.split(', ') ?? [];
      expect(permissions.filter((one) => !one.endsWith('=()'))).toEqual(['clipboard-write=(self)']);
      expect(permissions).toEqual(expect.arrayContaining(['camera=()', 'geolocation=()', 'microphone=()']));
    }
    const again = await get('/', { 'if-none-match': (await get('/')).headers.get('etag') ?? '' });
    expect([again.status, policyOf(again).get('default-src')]).toEqual([304, "'none'"]);
  });

  it('has the sockets in it where the server says that they are, when that is elsewhere', async () => {
    await open({ settings: { PUBLIC_URL: 'https://chat.example:8443/parley' } });
    const { port } = serving.server;
    expect(policyOf(await get('/')).get('connect-src')).toBe(
      `'self' ws://127.0.0.1:${port} wss://127.0.0.1:${port} wss://chat.example:8443`,
    );
  });

  it('is not for the client to say', async () => {
    await open();
    const said = await rawAnswer(serving.server.port, '/', "evil.example; script-src 'unsafe-inline'");
    expect(said).toContain("connect-src 'self' ws://localhost wss://localhost");
    expect(said).not.toContain('evil');
  });
});

/** What is said to a request of these very words: `fetch` would tidy them up. */
function rawAnswer(port: number, path: string, host = '127.0.0.1'): Promise<string> {
  const connection = connect(port, '127.0.0.1');
  connection.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let said = '';
  return new Promise((resolve) => {
    connection.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    connection.on('close', () => resolve(said));
  });
}

describe('beside the web demo', () => {
  it('nothing can be had: not its documents, not what is above its folder, not what a path seems to mean', async () => {
    await open();
    const paths = [
      '/persisted-documents.json',
      '/assets',
      '/assets/',
      '/assets/index-00000000.js',
      '/../package.json',
      '/assets/../../package.json',
      '/%2e%2e/package.json',
      '/assets/..%2f..%2fpackage.json',
      '/..\\package.json',
      '//index.html',
      '/./index.html',
      '/index.html/',
      '/INDEX.HTML',
      '/index%2ehtml',
      '/__proto__',
      '/constructor',
    ];
    for (const path of paths)
      expect(await rawAnswer(serving.server.port, path), path).toMatch(/^HTTP\/1.1 404 /);
  });

  it('are the demo people, where there are some: otherwise nobody', async () => {
    await open();
    const nobody = await get('/demo-people.json');
    expect([await nobody.json(), nobody.headers.get('cache-control')]).toEqual([[], 'no-store']);
    await serving.close();
    const people = demoPeople.map(({ handle }) => ({ handle, password: demoPassword }));
    await open({ demo: { people } });
    const answer = await get('/demo-people.json');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await answer.json()).toEqual([
      { handle: 'alice', password: 'parley-demo' },
      { handle: 'bob', password: 'parley-demo' },
    ]);
  });

  it('is GraphiQL on the way, where there is no web demo, and no list of demo people', async () => {
    serving = await openServing();
    expect((await get('/', { accept: html })).headers.get('location')).toBe('/graphql');
    expect((await get('/')).status).toBe(404);
    expect((await get('/demo-people.json')).status).toBe(404);
  });
});
