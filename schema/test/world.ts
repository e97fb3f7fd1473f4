import { createSourceEventStream, type DocumentNode, execute, parse, validate } from 'graphql';
import { type Logger, pino } from 'pino';
import { type Database, openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { createPasswords } from '../account/passwords.ts';
import { usersOf } from '../account/users.ts';
import { createAuthors } from '../authors.ts';
import type { SessionId, UserId } from '../ids.ts';
import { schema } from '../index.ts';
import { defaultLimits, type ServerLimits } from '../limits.ts';
import { openMemoryBus } from '../ports/bus.memory.ts';
import { type Clock, systemClock } from '../ports/clock.ts';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import type { EventLog } from '../ports/event-log.ts';
import { openMemoryJobs } from '../ports/jobs.memory.ts';
import type { Jobs } from '../ports/jobs.ts';
import { openMemoryLeases } from '../ports/leases.memory.ts';
import type { Leases } from '../ports/leases.ts';
import { openMemoryLimiter } from '../ports/limiter.memory.ts';
import { openMemoryMemberships } from '../ports/memberships.memory.ts';
import type { Platform } from '../ports/platform.ts';
import { openRecordPush } from '../ports/push.record.ts';
import type { Push } from '../ports/push.ts';
import { openPresence } from '../presence/open-presence.ts';
import { createPersonRows } from '../presence/person-rows.ts';
import { defaultRateLimits, type RateLimits } from '../rate-limits.ts';
import type { Product, Scope, Viewer, ViewerScope } from '../scope.ts';
import { openFleet } from '../server/fleet.ts';
import { openAccessTokens } from '../session/access-tokens.ts';
import { unordered } from '../stream/in-order.ts';
import { openStream } from '../stream/open-stream.ts';
import { openTyping } from '../typing/open-typing.ts';
import type { WakeObserver } from '../wake/keep-decisions.ts';
import { createWaker, type Waker } from '../wake/waker.ts';

export type WorldOptions = {
  readonly clock?: Clock;
  readonly limits?: Partial<ServerLimits>;
  readonly rateLimits?: Partial<RateLimits>;
  readonly logger?: Logger;
  /**
   * Who belongs to what, how far they have read, and what is between people, in this world's own database: tests of these bring it.
   * Without it nobody can be in a channel.
   */
  readonly openRows?: (database: Database) => Rows | Promise<Rows>;
  /** A database that is there, and stays; without it, a new one. */
  readonly databaseUrl?: string;
  /** Records what is sent without it. */
  readonly push?: Push;
  /** In memory without it; nobody does them before a test does. */
  readonly jobs?: Jobs;
  /** Who is connected; in memory without it. */
  readonly leases?: Leases;
  /** Told what is decided about notifications. */
  readonly wakeObserver?: WakeObserver;
  /** In memory without it. */
  readonly openLog?: (database: Database) => EventLog | Promise<EventLog>;
};

type Rows = Pick<Platform, 'memberships' | 'positions' | 'contacts'>;
type Variables = Readonly<Record<string, unknown>>;
export type Answer<Data> = {
  readonly data: Data;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
};

export type Subscription<Data> = AsyncIterableIterator<Answer<Data>, undefined>;

/** Somebody, or nobody, who can ask. */
export type Asker = {
  /** Executes a document as a server does: a scope of its own, and an answer that has been JSON. Throws when the document is not valid. */
  execute<Data = unknown>(document: string, variables?: Variables): Promise<Answer<Data>>;
  /** What arrives, each event executed as a server does it: with a scope of its own. Throws when it is refused. */
  subscribe<Data = unknown>(document: string, variables?: Variables): Promise<Subscription<Data>>;
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

const thereAlready = (url: string) => ({ url, close: () => Promise.resolve() });

/** A product of its own, empty, on a real database and otherwise in memory. To be closed at the end of the test. */
export async function openWorld({ databaseUrl, ...options }: WorldOptions = {}) {
  const testDatabase = databaseUrl === undefined ? await openTestDatabase() : thereAlready(databaseUrl);
  const database = await openDatabase(testDatabase.url, { poolSize });
  const announced: SessionId[] = [];
  const { product, waker } = await openProduct(database, { ...options, announced });
  const close = async () => {
    await Promise.all([
      product.stream.close(),
      product.presence.close(),
      product.typing.close(),
      product.fleet.close(),
      waker.close(),
      product.jobs.close(),
    ]);
    await database.close();
    await testDatabase.close();
  };
  /** Nobody yet, somewhere in the network. */
  const strangerAt = (address: string) => askerOf({ ...product, address });
  const viewerAt = (address: string, viewer: Viewer) => askerOf({ ...product, address }, viewer);
  const anonymous = askerOf(product);
  const { url } = testDatabase;
  return { product, database, url, announced, anonymous, strangerAt, viewerAt, close, ...peopleOf(product) };
}
export type World = Awaited<ReturnType<typeof openWorld>>;

async function openProduct(
  { prisma, ...database }: Database,
  { announced, ...options }: WorldOptions & { readonly announced: SessionId[] },
): Promise<{ readonly product: Product; readonly waker: Waker }> {
  const { clock = systemClock, logger = pino({ enabled: false }) } = options;
  const { uuid } = await prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const opened = { prisma, ...database };
  const { memberships, positions, contacts } = (await options.openRows?.(opened)) ?? openMemoryMemberships();
  const rows = { memberships, positions, contacts };
  const personRows = createPersonRows({ prisma });
  const [log, bus] = [(await options.openLog?.(opened)) ?? openMemoryEventLog(), openMemoryBus()];
  const leases = options.leases ?? openMemoryLeases({ clock });
  const fleet = openFleet({ leases, clock, logger });
  fleet.join({ url: 'ws://127.0.0.1:4000/graphql', zone: null }, () => 0);
  const jobs = options.jobs ?? openMemoryJobs({ clock });
  const waker = createWaker({ prisma, jobs, clock, logger });
  const product: Product = {
    prisma,
    clock,
    logger,
    stream: await openStream({ ...rows, log, bus, clock, logger, installation: uuid, told: waker }),
    presence: openPresence({ leases, bus, clock, logger, rows: personRows }),
    typing: openTyping({ bus, clock }),
    accessTokens: await openAccessTokens({ prisma, clock, lifetimeSeconds: 900 }),
    passwords: createPasswords(cheap),
    authors: createAuthors({ clock, read: (ids) => usersOf({ prisma, viewer: undefined }, ids) }),
    limits: { ...defaultLimits, ...options.limits },
    rateLimits: { ...defaultRateLimits, ...options.rateLimits },
    limiter: openMemoryLimiter({ clock }),
    jobs,
    push: options.push ?? openRecordPush(),
    wakeObserver: options.wakeObserver,
    fleet,
    announceRevoked: (sessionId) => announced.push(sessionId),
  };
  return { product, waker };
}

function askerOf(product: Product & Pick<Scope, 'address'>, viewer?: Viewer): Asker {
  const argumentsFor = (source: string, variables?: Variables, rootValue?: unknown) => {
    const document = documentOf(source);
    const contextValue: Scope = { ...product, viewer, inOrder: unordered };
    return { schema, document, contextValue, rootValue, ...(variables && { variableValues: variables }) };
  };
  const answerTo = async (source: string, variables?: Variables, rootValue?: unknown) =>
    JSON.parse(JSON.stringify(await execute(argumentsFor(source, variables, rootValue))));
  return {
    execute: (source, variables) => answerTo(source, variables),
    async subscribe(source, variables) {
      const opened = await createSourceEventStream(argumentsFor(source, variables));
      if (!(Symbol.asyncIterator in opened))
        throw opened.errors?.[0] ?? new Error('Nothing to subscribe to.');
      return answersOf(opened[Symbol.asyncIterator](), (event) => answerTo(source, variables, event));
    },
  };
}

/** Tests ask the same again and again. */
const documents = new Map<string, DocumentNode>();
function documentOf(source: string): DocumentNode {
  const known = documents.get(source);
  if (known) return known;
  const document = parse(source);
  const [problem] = validate(schema, document);
  if (problem) throw problem;
  documents.set(source, document);
  return document;
}

/** An iterator that ends with its source, and when it is told to. */
function answersOf<Data>(
  source: AsyncIterator<unknown>,
  answerTo: (event: unknown) => Promise<Answer<Data>>,
): Subscription<Data> {
  const end = { done: true, value: undefined } as const;
  const answers: Subscription<Data> = {
    async next() {
      const event = await source.next();
      return event.done ? end : { done: false, value: await answerTo(event.value) };
    },
    async return() {
      await source.return?.();
      return end;
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
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
