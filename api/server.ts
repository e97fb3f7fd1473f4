import type { RequestListener } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { schema as productSchema } from '../schema/index.ts';
import type { Product } from '../schema/scope.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import { createClientAddress } from './client-address.ts';
import type { Config } from './config.ts';
import { createDeliverer } from './delivery/deliver.ts';
import { createFlusher } from './delivery/writer.ts';
import type { Documents } from './documents.ts';
import { createGates } from './gates.ts';
import { createEventStreams, type EventStreams } from './http/event-stream.ts';
import { createGraphiql, type Demo } from './http/graphiql.ts';
import { createGraphqlOverHttp } from './http/graphql-over-http.ts';
import { graphqlPath } from './http/graphql-path.ts';
import { createListener, createOriginRule, pathOf } from './http/listener.ts';
import { addressesOf, closeHttp, type HttpLimits, listen } from './http/listening.ts';
import { createOpenRequests, type OpenRequests } from './http/open-requests.ts';
import { createWebDemo } from './http/web-demo.ts';
import type { WebDemoBuild } from './http/web-demo-build.ts';
import type { Manifest } from './manifest.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { Revocations } from './revocations.ts';
import { createScopes } from './scopes.ts';
import { type SocketLimits, socketLimits } from './socket/admission.ts';
import { createHeartbeat } from './socket/heartbeat.ts';
import { createProtocol } from './socket/protocol.ts';
import {
  createSocketServer,
  refuseUpgrade,
  type SocketCounts,
  type SocketServer,
} from './socket/socket-server.ts';
import { createSessionWatch } from './supervise-session.ts';

/** One port that serves the product: GraphQL over sockets, HTTP and SSE, GraphiQL, the web demo, `/livez` and `/readyz`. */
export type Server = {
  /** The endpoint, as whoever sits at this computer reaches it; `PUBLIC_URL` when that is set. */
  readonly url: string;
  readonly socketUrl: string;
  readonly port: number;
  /** What is open now: `sockets` counts streams over SSE as well, `streams` only those. */
  readonly counts: SocketCounts & Documents['counts'] & { readonly streams: number };
  /**
   * Not ready any more, no new sockets; sockets are sent away over `DRAIN_SECONDS`; then what is left of HTTP has a moment.
   * Resolves when nothing is open. Calling it again waits for the same.
   */
  close(): Promise<void>;
};

export type ServerParts = {
  readonly product: Product;
  readonly revocations: Revocations;
  /** Whether new clients should come here; it is not asked any more while closing. */
  readonly isReady?: () => Promise<boolean>;
  /** Demo people who can sign in, for GraphiQL and the web demo to offer. */
  readonly demo?: Demo;
  /** The web demo, if it is to be served. */
  readonly webDemo?: WebDemoBuild | undefined;
  /** Documents that clients may ask for by id; checked by the schema and the settings of this server. */
  readonly manifest?: Manifest | undefined;
  /** Told what happens here. */
  readonly metrics?: Metrics | undefined;
  /** For tests: another schema, another way to find out who asks, other figures. */
  readonly schema?: GraphQLSchema;
  readonly authenticate?: Authenticate;
  readonly limits?: Partial<SocketLimits>;
  readonly httpLimits?: Partial<HttpLimits>;
};

export type ServerConfig = Pick<
  Config,
  | 'PORT'
  | 'HOST'
  | 'PUBLIC_URL'
  | 'SOCKET_URL'
  | 'ZONE'
  | 'ALLOWED_ORIGINS'
  | 'TRUSTED_PROXIES'
  | 'PERSISTED_ONLY'
  | 'GRAPHIQL'
  | 'INTROSPECTION'
  | 'DRAIN_SECONDS'
  | 'FRAMES_PER_SECOND'
  | 'FRAMES_BURST'
  | 'SOCKETS_PER_ADDRESS'
  | 'SOCKETS_PER_USER'
  | 'PENDING_SOCKETS_PER_ADDRESS'
  | 'SOCKETS_PER_SECOND'
>;

/** For answers that are on their way when the server closes, and for clients that do not answer the close of their socket. */
const graceMs = 400;
/** So many seconds' worth of new sockets may come at once: clients spread themselves a little, not evenly. */
const burstSeconds = 2;

/**
 * Listens, then serves. Rejects with the error of the operating system (`syscall: 'listen'`) when it cannot listen;
 * api/start-problem.ts has the words for it.
 */
export async function openServer(parts: ServerParts, config: ServerConfig): Promise<Server> {
  const { http, port } = await listen(config, parts.httpLimits);
  const address = addressesOf(config, port);
  const { product } = parts;
  const { sockets, requests, streams, listener, documents, release } = wire(
    parts,
    config,
    () => closing === undefined,
  );
  const isOriginAllowed = createOriginRule(config.ALLOWED_ORIGINS);
  http.on('request', listener);
  http.on('upgrade', (request, _, head) => {
    request.socket.on('error', (err) => product.logger.debug({ err }, 'A connection broke.'));
    if (pathOf(request) !== graphqlPath) return refuseUpgrade(request.socket, '404 Not Found');
    if (!isOriginAllowed(request)) return refuseUpgrade(request.socket, '403 Forbidden');
    sockets.upgrade(request, head);
  });

  const countsNow = () => ({ ...sockets.counts, ...documents.counts, streams: streams.size });
  parts.metrics?.watchServer(() => ({ ...countsNow(), people: product.presence.counts }));

  const { SOCKET_URL: url = address.socketUrl, ZONE: zone = null } = config;
  const leaveFleet = product.fleet.join({ url, zone }, () => sockets.counts.sockets);

  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    const drainMs = config.DRAIN_SECONDS * 1_000;
    // Also where nothing is open: a balancer looks only now and then whether this server is ready, and until then it must answer.
    const noticed = drainMs > 0 ? product.clock.sleep(drainMs) : undefined;
    await Promise.all([leaveFleet(), sockets.close({ drainMs, graceMs }), requests.close(drainMs), noticed]);
    release();
    await closeHttp(http, { clock: product.clock, graceMs });
  }
  return {
    ...address,
    port,
    get counts() {
      return countsNow();
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

type Wired = {
  readonly sockets: SocketServer;
  readonly requests: OpenRequests;
  readonly streams: EventStreams;
  readonly listener: RequestListener;
  readonly documents: Documents;
  readonly release: () => void;
};

/** The composition of one server: what both transports share is made once, here. */
function wire(parts: ServerParts, config: ServerConfig, isOpen: () => boolean): Wired {
  const { product, revocations, metrics, webDemo: build, schema = productSchema } = parts;
  const { authenticate = createAuthenticate({ ...product, revocations }) } = parts;
  const { logger, clock } = product;
  const limits = limitsOf(product, config, parts.limits);
  const { documents, executor, admission } = createGates({ ...parts, schema }, config, limits);
  const scopes = createScopes(product);
  const sessions = createSessionWatch({ clock, revocations });
  const { countRefusal, watchDelivery } = metrics ?? {};
  const clientAddress = createClientAddress(config.TRUSTED_PROXIES);
  const who = { authenticate, sessions, admission, clientAddress, countRefusal };
  const asking = { schema, documents, executor, scopes, ...who };
  const heartbeat = createHeartbeat(clock, limits.heartbeatMs);
  const requests = createOpenRequests(clock);
  const streams = createEventStreams({ clock, heartbeat, mask: executor.mask, limits });
  const deliverer = createDeliverer({ schema, executor, scopes });
  const protocol = createProtocol({ ...asking, deliverer, watchDelivery, logger, limits });
  const flusher = createFlusher();
  return {
    documents,
    requests,
    streams,
    sockets: createSocketServer({ ...asking, protocol, heartbeat, flusher, clock, logger, limits }),
    listener: createListener({
      graphql: createGraphqlOverHttp({ ...asking, requests, streams }),
      graphiql: config.GRAPHIQL ? createGraphiql(parts.demo) : undefined,
      webDemo: build && createWebDemo({ build, demo: parts.demo, socketUrls: product.fleet.known }),
      isOriginAllowed: createOriginRule(config.ALLOWED_ORIGINS),
      isReady: async () => isOpen() && (parts.isReady === undefined || (await parts.isReady())),
      logger,
    }),
    release() {
      heartbeat.close();
      sessions.close();
    },
  };
}

const limitsOf = (
  product: Product,
  config: ServerConfig,
  given: Partial<SocketLimits> = {},
): SocketLimits => ({
  ...socketLimits,
  operationsPerSocket: product.limits.operationsPerSocket,
  framesPerSecond: config.FRAMES_PER_SECOND,
  framesBurst: config.FRAMES_BURST,
  socketsPerAddress: config.SOCKETS_PER_ADDRESS,
  socketsPerUser: config.SOCKETS_PER_USER,
  pendingSocketsPerAddress: config.PENDING_SOCKETS_PER_ADDRESS,
  socketsPerSecond: config.SOCKETS_PER_SECOND,
  socketsBurst: config.SOCKETS_PER_SECOND * burstSeconds,
  ...given,
});
