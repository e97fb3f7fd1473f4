import { defineConfig } from 'vitest/config';

export default defineConfig({
  // graphql 16 ships index.js and index.mjs; Vite would load the second for our files and Node the first for
  // the libraries, and `instanceof GraphQLError` would then fail between the two.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'forks',
    include: ['{api,schema,prisma,workers,bench,web-demo}/**/*.{test,sim.test}.ts'],
    globalSetup: ['prisma/test/global-setup.ts', 'api/test/global-setup.ts'],
    // A PostgreSQL of one's own instead of the embedded one: how the oldest supported version is tested.
    // What not every machine has: PARLEY_REQUIRE names what must be there, `python` for example; its tests then fail instead
    // of being skipped. PARLEY_PYTHON is the Python that has the package gql. PARLEY_WRITTEN_EVENTS: see event-log-writers.test.ts.
    provide: {
      ownPostgres: process.env.TEST_DATABASE_URL || '',
      required: process.env.PARLEY_REQUIRE || '',
      python: process.env.PARLEY_PYTHON || 'python3',
      writtenEvents: Number(process.env.PARLEY_WRITTEN_EVENTS || 5_000),
    },
    // What ends a test that hangs; the longest of those that say nothing of it takes 20 s on a machine with nothing else to do.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // A condition is waited for, not timed: on a busy machine it may take a while.
    expect: { poll: { timeout: 30_000 } },
    setupFiles: ['api/test/patience.ts'],
  },
});
