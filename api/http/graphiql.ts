import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { packageRoot } from '../../prisma/package-root.ts';
import type { DemoIds } from '../seed.ts';
import type { DemoPerson } from './example-documents.ts';
import { examplesFor } from './graphiql-examples.ts';
import { graphqlPath } from './graphql-path.ts';
import { hasAlready, hostOf, takesZipped } from './request-headers.ts';

/** GraphiQL for people with a browser: one page, with everything in it. */
export type Graphiql = {
  /** Whether a request comes from somebody who wants to see a page. */
  isWantedBy(request: IncomingMessage): boolean;
  /** Rejects when the page cannot be made. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
};

/** The people whose password everybody knows, and what they have. Absent: there are none, and nothing of theirs is on the page. */
export type Demo = { readonly people: readonly DemoPerson[]; readonly ids?: DemoIds };

type Page = { readonly zipped: Buffer; readonly etag: string; readonly scripts: readonly string[] };

/**
 * What the browser may do on this page: run the scripts that came with it, each known by its hash, and talk to this server. A
 * script that got into it some other way does not run, nor does a handler in an attribute, nor a text as code. The page needs no
 * other host, and with this it could not reach one. Workers are made from texts of the page; the editor writes its styles itself.
 */
const policyFor = (host: string, scripts: readonly string[]) =>
  [
    "default-src 'none'",
    `script-src ${scripts.map((hash) => `'${hash}'`).join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    'font-src data:',
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

export function createGraphiql(demo?: Demo): Graphiql {
  let page: Promise<Page> | undefined;
  return {
    isWantedBy: ({ method, headers: { accept } }) =>
      (method === 'GET' || method === 'HEAD') && accept?.includes('text/html') === true,
    async serve(request, response) {
      page ??= makePage(demo);
      const { zipped, etag, scripts } = await page.catch((error) => {
        page = undefined; // the next one may have more luck
        throw error;
      });
      response.setHeader('Content-Security-Policy', policyFor(hostOf(request), scripts));
      response.setHeader('Referrer-Policy', 'no-referrer');
      response.setHeader('Cache-Control', 'no-cache');
      response.setHeader('Vary', 'Accept, Accept-Encoding');
      response.setHeader('ETag', etag);
      if (hasAlready(request, etag)) return void response.writeHead(304).end();
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      send(request, response, zipped);
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, zipped: Buffer): void {
  if (takesZipped(request)) {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length });
    return void response.end(request.method === 'HEAD' ? undefined : zipped);
  }
  response.writeHead(200);
  if (request.method === 'HEAD') return void response.end();
  const unzip = createGunzip();
  unzip.pipe(response);
  unzip.end(zipped);
}

const inTab = JSON.stringify({ authorization: 'Bearer <accessToken>' }, null, 2);
/** GraphiQL takes the whole window; the line above it takes some of that. */
const style = `
  body { display: flex; flex-direction: column; height: 100vh; }
  #root { flex: 1; min-height: 0; overflow: hidden; }
  #root .graphiql-container { width: 100%; height: 100%; }
  #sign-in { display: flex; gap: 8px; align-items: center; padding: 6px 12px; font: 14px system-ui, sans-serif;
    color: #3b4b68; background: #eef1f7; }
  #sign-in button { font: inherit; padding: 3px 12px; border: 0; border-radius: 6px; cursor: pointer;
    color: #fff; background: #5a4fcf; }
  @media (prefers-color-scheme: dark) {
    body:not(.graphiql-light) #sign-in { color: #cfd6e6; background: #1d2433; }
  }
  body.graphiql-dark #sign-in { color: #cfd6e6; background: #1d2433; }
`;

/** Nine megabytes of text: loaded when somebody looks for the first time, and kept only as it is sent. */
async function makePage(demo: Demo | undefined): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const [person] = demo?.people ?? [];
  const html = renderGraphiQL({
    title: 'Parley',
    endpoint: graphqlPath,
    subscriptionsProtocol: 'WS',
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
    headers: inTab,
    defaultTabs: examplesFor({ ...demo, ...(person && { person }) }).map((tab) => ({
      ...tab,
      headers: inTab,
    })),
  });
  const source = (await readFile(pageScript, 'utf8')).replaceAll(/^export /gm, '');
  // Inside of a script, `<` could end it.
  const given = JSON.stringify({ people: demo?.people ?? [], endpoint: graphqlPath }).replaceAll(
    '<',
    '\\u003c',
  );
  const whole = insertInto(html, {
    '<div id="root"></div>': `$&<style>${style}</style><script>const showTokens = (() => {\n${source}\nreturn startPage(${given}); })();</script>`,
    // With this, Monaco can be reached, and the headers of the tabs can show the token.
    'globalAPI: false,': 'globalAPI: true,',
    '</body>\n  </html>': '<script>showTokens(globalThis.monaco);</script>$&',
  });
  const zipped = await promisify(gzip)(whole);
  return { zipped, etag: `"${hashOf(zipped, 'base64url')}"`, scripts: scriptsIn(whole) };
}

const hashOf = (bytes: string | Buffer, encoding: 'base64' | 'base64url') =>
  createHash('sha256').update(bytes).digest(encoding);

/** The scripts of a page by their hashes, as a policy names them. */
const scriptsIn = (html: string): string[] =>
  [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `sha256-${hashOf(text, 'base64')}`,
  );

const pageScript = join(packageRoot, 'api', 'http', 'graphiql-page.mjs');

/** `$&` stands for what is replaced. Throws when the page of another release has other places. */
function insertInto(html: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((page, [place, text]) => {
    if (!page.includes(place)) throw new Error(`The page of GraphiQL has no ${place} any more.`);
    return page.replace(place, () => text.replace('$&', () => place));
  }, html);
}
