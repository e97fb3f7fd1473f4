import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { Example } from './graphiql-examples.ts';

/** GraphiQL for people with a browser: one page, with everything in it. */
export type Graphiql = {
  /** Whether a request comes from somebody who wants to see a page. */
  isWantedBy(request: IncomingMessage): boolean;
  /** Rejects when the page cannot be made. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

type Page = { readonly zipped: Buffer; readonly etag: string };

/**
 * What the browser may do on this page: run what is in it, and talk to this server. The page needs no other host, and with this
 * it could not reach one.
 */
const policyFor = (host: string) =>
  [
    "default-src 'none'",
    "script-src 'unsafe-inline' 'unsafe-eval' blob:",
    'worker-src blob: data:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    'font-src data:',
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** As the client named it, when that is a name; nothing else gets into the policy. */
const hostOf = ({ headers: { host = '' } }: IncomingMessage): string =>
  /^[\w.:[\]-]+$/.test(host) ? host : 'localhost';

export function createGraphiql(tabs: readonly Example[]): Graphiql {
  let page: Promise<Page> | undefined;
  return {
    isWantedBy: ({ method, headers: { accept } }) =>
      (method === 'GET' || method === 'HEAD') && accept?.includes('text/html') === true,
    async serve(request, response) {
      page ??= makePage(tabs);
      const { zipped, etag } = await page.catch((error) => {
        page = undefined; // the next one may have more luck
        throw error;
      });
      response.setHeader('Content-Security-Policy', policyFor(hostOf(request)));
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('Vary', 'Accept, Accept-Encoding');
      response.setHeader('ETag', etag);
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      send(request, response, zipped);
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, zipped: Buffer): void {
  const takesZipped = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  if (takesZipped) {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length });
    return void response.end(request.method === 'HEAD' ? undefined : zipped);
  }
  response.writeHead(200);
  if (request.method === 'HEAD') return void response.end();
  const unzip = createGunzip();
  unzip.pipe(response);
  unzip.end(zipped);
}

/** Nine megabytes of text: loaded when somebody looks for the first time, and kept only as it is sent. */
async function makePage(tabs: readonly Example[]): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title: 'Parley',
    endpoint: '/graphql',
    subscriptionsProtocol: 'WS',
    shouldPersistHeaders: false, // tokens stay out of the browser's storage
    defaultEditorToolsVisibility: 'headers',
    defaultTabs: [...tabs],
  });
  const zipped = await promisify(gzip)(html);
  return { zipped, etag: `"${createHash('sha256').update(zipped).digest('base64url')}"` };
}
