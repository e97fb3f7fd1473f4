import { type Logger, pino } from 'pino';
import type { SessionId } from '../../../schema/ids.ts';
import { deviceIdOf, sessionIdOf, userIdOf } from '../../../schema/ids.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import type { Viewer } from '../../../schema/scope.ts';
import { openWorld, type World } from '../../../schema/test/world.ts';
import type { Authentication } from '../../authenticate.ts';
import { readConfig } from '../../config.ts';
import type { Demo } from '../../http/graphiql.ts';
import type { HttpLimits } from '../../http/listening.ts';
import type { WebDemoBuild } from '../../http/web-demo-build.ts';
import { readManifestAt } from '../../manifest.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { Revocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import type { SocketLimits } from '../../socket/admission.ts';
import { createFeed, type Feed } from './feed.ts';
import { createSmallSchema, type SchemaWatch } from './small-schema.ts';

/** A real server on a port of its own, with a small schema, and what a test moves by hand. */
export type Serving = {
  readonly server: Server;
  readonly feed: Feed;
  readonly watch: SchemaWatch;
  /** What was logged, as JSON. */
  readonly logged: { readonly requestId?: string; readonly err?: { readonly message: string } }[];
  readonly tokens: Map<string, Authentication>;
  revoke(sessionId: SessionId): void;
  /** Sessions by which something lives. */
  readonly watched: ReadonlySet<SessionId>;
  close(): Promise<void>;
};

export type ServingOptions = {
  readonly settings?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SocketLimits>;
  readonly httpLimits?: Partial<HttpLimits>;
  readonly clock?: Clock;
  readonly operationsPerSocket?: number;
  readonly isReady?: () => Promise<boolean>;
  readonly demo?: Demo;
  readonly webDemo?: WebDemoBuild | undefined;
  readonly metrics?: Metrics;
};

/** Somebody by number: the same person has the same session always. */
export const viewerOf = (number: number): Viewer => ({
  id: userIdOf(BigInt(number)),
  deviceId: deviceIdOf(BigInt(number)),
  sessionId: sessionIdOf(BigInt(number)),
});

/** Signed in for a long time. */
export const signedIn = (number: number, expiresAt = new Date(Date.now() + 3_600_000)): Authentication => ({
  state: 'signed-in',
  viewer: viewerOf(number),
  expiresAt,
});

let world: Promise<World> | undefined;
/** One database for all tests of a file: what they are about is not stored. */
export const productOfFile = async () => {
  world ??= openWorld();
  return (await world).product;
};
export async function closeProduct(): Promise<void> {
  await (await world)?.close();
  world = undefined;
}

export async function openServing(options: ServingOptions = {}): Promise<Serving> {
  const shared = await productOfFile();
  const logged: Serving['logged'] = [];
  const feed = createFeed();
  const { schema, watch } = createSmallSchema(feed);
  const tokens = new Map<string, Authentication>([
    ['ada', signedIn(1)],
    ['bob', signedIn(2)],
  ]);
  const revocations = createHandRevocations();
  const product = {
    ...shared,
    logger: loggerInto(logged),
    clock: options.clock ?? shared.clock,
    limits: { ...shared.limits, operationsPerSocket: options.operationsPerSocket ?? 64 },
  };
  const authenticate = async (authorization: string | undefined): Promise<Authentication> =>
    authorization === undefined
      ? { state: 'anonymous' }
      : (tokens.get(authorization.replace('Bearer ', '')) ?? { state: 'invalid' });
  const config = readConfig({ PORT: '0', ...options.settings });
  const { PERSISTED_DOCUMENTS: path, INTROSPECTION: isIntrospectionOpen } = config;
  const manifest = path === undefined ? undefined : readManifestAt(path, { schema, isIntrospectionOpen });
  const server = await openServer(
    { ...options, product, revocations, schema, manifest, authenticate },
    config,
  );
  return {
    server,
    feed,
    watch,
    logged,
    tokens,
    revoke: revocations.announce,
    watched: revocations.watched,
    close: server.close,
  };
}

function loggerInto(logged: Serving['logged']): Logger {
  return pino({ level: 'info' }, { write: (line) => logged.push(JSON.parse(line)) });
}

/** Revocations without a bus and a database: what is announced is heard. */
function createHandRevocations(): Revocations & { readonly watched: Set<SessionId> } {
  const listeners = new Set<(sessionId: SessionId) => void>();
  const watched = new Set<SessionId>();
  return {
    watched,
    announce(sessionId) {
      for (const listener of [...listeners]) listener(sessionId);
    },
    onRevoked(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watch(sessionId) {
      watched.add(sessionId);
      return () => void watched.delete(sessionId);
    },
    close: async () => undefined,
  };
}
