import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Graphiql } from './graphiql.ts';
import { graphqlPath } from './graphql-path.ts';
import type { WebDemo } from './web-demo.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Settings = {
  readonly graphql: Answer;
  /** Absent when they are switched off. */
  readonly graphiql: Graphiql | undefined;
  readonly webDemo: WebDemo | undefined;
  readonly isOriginAllowed: (request: IncomingMessage) => boolean;
  /** Whether new clients should come here. May reject, which means no. */
  readonly isReady: () => Promise<boolean>;
  readonly logger: Logger;
};

export const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/';

/** Everything that comes by HTTP, except upgrades. Nothing here rejects or stays unanswered. */
export function createListener(settings: Settings): RequestListener {
  return (request, response) => {
    answer(settings, request, response).catch((err) => {
      settings.logger.error({ err }, 'A request failed unexpectedly.');
      if (!response.headersSent) end(response, 500);
      else response.destroy();
    });
  };
}

async function answer(settings: Settings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { graphql, graphiql, isOriginAllowed, isReady } = settings;
  // What people wrote stands in answers of JSON; no browser shall take it for anything else.
  response.setHeader('X-Content-Type-Options', 'nosniff');
  switch (pathOf(request)) {
    case '/livez':
      return end(response, 200);
    case '/readyz':
      return end(response, (await isReady().catch(() => false)) ? 200 : 503);
    case graphqlPath:
      break;
    default:
      return answerBeside(settings, request, response);
  }
  if (!isOriginAllowed(request)) return end(response, 403);
  allowOtherPages(request, response);
  if (request.method === 'OPTIONS') return end(response, 204);
  if (graphiql?.isWantedBy(request)) return graphiql.serve(request, response);
  if (request.method === 'POST' && !isJson(request)) return end(response, 415);
  return graphql(request, response);
}

/** At `/` is the web demo; without it, the way to GraphiQL. */
function answerBeside(
  { graphiql, webDemo }: Settings,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (webDemo?.serve(request, response)) return;
  if (pathOf(request) === '/' && graphiql?.isWantedBy(request)) redirect(response);
  else end(response, 404);
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
function redirect(response: ServerResponse): void {
  response.writeHead(302, { Location: graphqlPath }).end();
}

/**
 * Web pages of anybody may use this server: there is nothing in a browser that would speak for its user by itself. No cookie is
 * ever read, and credentials are not allowed.
 */
function allowOtherPages({ method, headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  if (method !== 'OPTIONS') return;
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST');
  response.setHeader('Access-Control-Allow-Headers', headers['access-control-request-headers'] ?? '*');
  response.setHeader('Access-Control-Max-Age', '86400');
  response.setHeader('Vary', 'Access-Control-Request-Headers');
}

/** What a form or a link on a foreign page can send without asking first is never executed. */
const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/([a-z-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '');

/** By `ALLOWED_ORIGINS`: absent, every page; otherwise those, and this server's own. Without an `Origin` it is no page. */
export function createOriginRule(
  allowed: readonly string[] | undefined,
): (request: IncomingMessage) => boolean {
  if (allowed === undefined) return () => true;
  const origins = new Set(allowed);
  return ({ headers: { origin, host } }) =>
    origin === undefined || origins.has(origin) || hostOf(origin) === host;
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;
