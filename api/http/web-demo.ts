import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Demo } from './graphiql.ts';
import { pathOf } from './listener.ts';
import { hasAlready, hostOf, takesZipped } from './request-headers.ts';
import type { BuiltFile, WebDemoBuild } from './web-demo-build.ts';

/** The web demo: a chat for browsers, at `/`. */
export type WebDemo = {
  /** Answers a request for something of it; false for any other, which is then not answered yet. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
};

type Settings = {
  readonly build: WebDemoBuild;
  /** People whom its page may offer to sign in as. */
  readonly demo: Demo | undefined;
  /** Where sockets are said to be, of this server and of others. */
  readonly socketUrls: () => readonly string[];
};

const peoplePath = '/demo-people.json';

/**
 * What the browser may do with these files: run the scripts and use the styles of this server, and talk to it; no text becomes
 * code, and no page shows this one inside of itself. There is nothing that it would need another host for.
 */
const policyFor = (host: string, socketOrigins: readonly string[]) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${[...new Set(["'self'", `ws://${host}`, `wss://${host}`, ...socketOrigins])].join(' ')}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // One rule says which address may be run as a worker; nothing else that is made of a text is run.
    "require-trusted-types-for 'script'",
    'trusted-types parley-worker',
  ].join('; ');

/** It copies texts, at a click; of all else that a page could ask for, and that browsers know by these names, it wants nothing. */
const permissions = [
  'clipboard-write=(self)',
  ...[
    'accelerometer',
    'autoplay',
    'browsing-topics',
    'camera',
    'clipboard-read',
    'display-capture',
    'encrypted-media',
    'fullscreen',
    'geolocation',
    'gyroscope',
    'hid',
    'idle-detection',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
    'payment',
    'picture-in-picture',
    'publickey-credentials-create',
    'publickey-credentials-get',
    'screen-wake-lock',
    'serial',
    'storage-access',
    'usb',
    'window-management',
    'xr-spatial-tracking',
  ].map((feature) => `${feature}=()`),
].join(', ');

export function createWebDemo({ build, demo, socketUrls }: Settings): WebDemo {
  const people = JSON.stringify(demo?.people ?? []);
  return {
    serve(request, response) {
      const path = pathOf(request);
      const file = build.files.get(path);
      const isPeople = path === peoplePath;
      // Who asks for the page in another form than a page, does not mean it.
      if (!isPeople && (file === undefined || (path === '/' && !takesPage(request)))) return false;
      response.setHeader(
        'Content-Security-Policy',
        policyFor(hostOf(request), socketUrls().flatMap(originOf)),
      );
      response.setHeader('Permissions-Policy', permissions);
      response.setHeader('Referrer-Policy', 'no-referrer');
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
      if (request.method !== 'GET' && request.method !== 'HEAD')
        response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      else if (file === undefined || isPeople) sendPeople(request, response, people);
      else sendFile(request, response, file);
      return true;
    },
  };
}

/** What another server says of itself is looked at before it stands in a policy. */
const originOf = (url: string): readonly string[] => (URL.canParse(url) ? [new URL(url).origin] : []);

/** Whoever says nothing, or takes anything, takes it too: that is how a page asks for what it keeps. */
const takesPage = ({ headers: { accept = '*/*' } }: IncomingMessage): boolean =>
  ['text/html', 'text/*', '*/*'].some((type) => accept.includes(type));

function sendPeople(request: IncomingMessage, response: ServerResponse, people: string): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(people));
  response.writeHead(200, { 'Cache-Control': 'no-store' }).end(request.method === 'HEAD' ? '' : people);
}

/** What has its hash in its name is asked for once; of the rest a browser asks each time whether it is still so. */
function sendFile(request: IncomingMessage, response: ServerResponse, file: BuiltFile): void {
  const zipped = takesZipped(request) ? file.zipped : undefined;
  const { body, etag } = zipped ?? file.plain;
  response.setHeader('Cache-Control', file.isLasting ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('Vary', pathOf(request) === '/' ? 'Accept, Accept-Encoding' : 'Accept-Encoding');
  response.setHeader('ETag', etag);
  if (hasAlready(request, etag)) return void response.writeHead(304).end();
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}
