import { execute, parse, subscribe, validate } from 'graphql';
import { type Logger, pino } from 'pino';
import { type Database, openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { createPasswords } from '../account/passwords.ts';
import type { SessionId, UserId } from '../ids.ts';
import { schema } from '../index.ts';
import { defaultLimits, type ServerLimits } from '../limits.ts';
import { openMemoryBus } from '../ports/bus.memory.ts';
import { type Clock, systemClock } from '../ports/clock.ts';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import { openMemoryMemberships } from '../ports/memberships.memory.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { Product, Scope, Viewer, ViewerScope } from '../scope.ts';
import { openAccessTokens } from '../session/access-tokens.ts';
import { unordered } from '../stream/in-order.ts';
import { openStream } from '../stream/open-stream.ts';

export type WorldOptions = {
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly logger?: Logger;
  /** Who belongs to what, in this world's own database: tests of channels bring it. Without it nobody can be in a channel. */
  readonly openMemberships?: (database: Database) => Memberships | Promise<Memberships>;
};

type Variables = Readonly<Record<string, unknown>>;
export type Answer<Data> = {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
};

/** Somebody, or nobody, who can ask. */
export type Asker = {
  /** Executes a document as a server does: a scope of its own, and an answer that has been JSON. Throws when the document is not valid. */
  execute<Data = unknown>(document: string, variables?: Variables): Promise<Answer<Data>>;
  subscribe(document: string, variables?: Variables): Promise<AsyncIterable<unknown>>;
};
export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly device: { readonly id: string };
};
/** Somebody on one device. */
export type Person = Asker & {
  /** A fresh one at each look, for calling operations. */
  readonly scope: ViewerScope;
  readonly userId: UserId;
  readonly viewer: Viewer;
  readonly handle: string;
  readonly session: Tokens;
};

/** Everybody's, in every world. */
export const password = 'correct horse battery staple';
/** Next to nothing: tests are about who may sign in, not about how long guessing takes. */
const cheap = { memoryKib: 8, passes: 1 };
/** More than any test asks at once, so that what it calls concurrent is. */
const poolSize = 10;

/** A product of its own, empty, on a real database and otherwise in memory. To be closed at the end of the test. */
export async function openWorld(options: WorldOptions = {}) {
  const testDatabase = await openTestDatabase();
  const database = await openDatabase(testDatabase.url, { poolSize });
  const announced: SessionId[] = [];
  const product = await openProduct(database, { ...options, announced });
  const close = async () => {
    await product.stream.close();
    await database.close();
    await testDatabase.close();
  };
  return { product, database, announced, anonymous: askerOf(product), close, ...peopleOf(product) };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

async function openProduct(
  { prisma, ...database }: Database,
  { announced, ...options }: WorldOptions & { readonly announced: SessionId[] },
): Promise<Product> {
  const { clock = systemClock, logger = pino({ enabled: false }) } = options;
  const { uuid } = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const memberships =
    (await options.openMemberships?.({ prisma, ...database })) ?? openMemoryMemberships().memberships;
  const [log, bus] = [openMemoryEventLog(), openMemoryBus()];
  return {
    prisma,
    clock,
    logger,
    stream: await openStream({ log, bus, memberships, clock, logger, installation: uuid }),
    accessTokens: await openAccessTokens({ prisma, clock, lifetimeSeconds: 900 }),
    passwords: createPasswords(cheap),
    limits: { ...defaultLimits, ...options.limits },
    socketUrl: 'ws://127.0.0.1:4000/graphql',
    announceRevoked: (sessionId) => announced.push(sessionId),
  };
}

function askerOf(product: Product, viewer?: Viewer): Asker {
  const argumentsFor = (source: string, variables?: Variables) => {
    const document = parse(source);
    const [problem] = validate(schema, document);
    if (problem) throw problem;
    const contextValue: Scope = { ...product, viewer, inOrder: unordered };
    return { schema, document, contextValue, ...(variables && { variableValues: variables }) };
  };
  return {
    execute: async (source, variables) =>
      JSON.parse(JSON.stringify(await execute(argumentsFor(source, variables)))),
    async subscribe(source, variables) {
      const results = await subscribe(argumentsFor(source, variables));
      if (Symbol.asyncIterator in results) return results;
      throw results.errors?.[0] ?? new Error('Nothing to subscribe to.');
    },
  };
}

const session = 'session { accessToken refreshToken device { id } }';
const signUp = `mutation ($input: SignUpInput!) {
  result: signUp(input: $input) { ... on SignUpPayload { ${session} } ... on UserError { code explanation } }
}`;
const signIn = `mutation ($input: SignInInput!) {
  result: signIn(input: $input) { ... on SignInPayload { ${session} } ... on UserError { code explanation } }
}`;

function peopleOf(product: Product) {
  const anonymous = askerOf(product);
  let count = 0;
  const nextHandle = () => {
    count += 1;
    return `person.${count}`;
  };
  const personOf = async (
    handle: string,
    { data, errors }: Answer<{ result: { session?: Tokens } } | null>,
  ) => {
    const tokens = data?.result.session;
    const verified = tokens && (await product.accessTokens.verify(tokens.accessToken));
    if (tokens === undefined || typeof verified !== 'object')
      throw new Error(`No session: ${JSON.stringify(errors ?? data)}`);
    const { viewer } = verified;
    const person: Person = {
      ...askerOf(product, viewer),
      get scope() {
        return { ...product, viewer, inOrder: unordered };
      },
      userId: viewer.id,
      viewer,
      handle,
      session: tokens,
    };
    return person;
  };
  return {
    /** Somebody new, on a first device. */
    async signUp(handle = nextHandle()): Promise<Person> {
      const device = { label: 'A browser', platform: 'WEB' };
      const input = { handle, displayName: handle, password, device };
      return personOf(handle, await anonymous.execute(signUp, { input }));
    },
    /** The same person on one more device, or again on one of theirs (`device.id`). */
    async signIn(handle: string, device: { id?: string; label?: string } = {}): Promise<Person> {
      const input = { handle, password, device: { label: 'A phone', platform: 'IOS', ...device } };
      return personOf(handle, await anonymous.execute(signIn, { input }));
    },
  };
}
