import { describe, expect, it } from 'vitest';
import { allRules } from './all-rules.ts';
import { madeUpProject, tidyProject } from './made-up-project.ts';
import { violationsOf } from './rule.ts';

const lines = (count: number, line: string) => Array.from({ length: count }, () => line).join('\n');
const many = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** Per rule: one file, added to a tidy project, that must be caught, and a word of what must be said about it. */
const offenders: {
  readonly [rule: string]: readonly (readonly [path: string, text: string, said: string])[];
} = {
  'prisma knows nobody': [['prisma/migrate.ts', "import '../schema/ids.ts';", 'schema/ids.ts']],
  'schema does not know the machine': [
    ['schema/message/edit-message.ts', "import '../../api/server.ts';", 'api/server.ts'],
    ['schema/message/edit-message.ts', "export * from '../../workers/jobs.ts';", 'workers/jobs.ts'],
    ['schema/message/edit-message.ts', "const s = await import('../../api/server.ts');", 'api/server.ts'],
    ['schema/message/edit-message.ts', "type S = import('../../api/server.ts').S;", 'api/server.ts'],
    ['schema/message/message.test.ts', "import '../../bench/send.ts';", 'bench/send.ts'],
  ],
  'api does not know who runs beside it': [
    ['api/server.ts', "import '../workers/jobs.ts';", 'workers/jobs.ts'],
  ],
  'api does not know who measures it': [['api/main.ts', "import '../bench/send.ts';", 'bench/send.ts']],
  'only platform.ts picks a driver': [
    ['api/main.ts', "import './drivers/bus.redis.ts';", 'api/drivers/bus.redis.ts'],
    ['api/http/health.ts', "import type { A } from '../drivers/bus.redis.ts';", 'api/drivers/bus.redis.ts'],
  ],
  'workers share the wiring, not the server': [
    ['workers/main.ts', "import '../api/server.ts';", 'api/server.ts'],
  ],
  'the ground floor imports no slice': [
    [
      'schema/stream/hub.ts',
      "import { a } from '../message/send-message.ts';",
      'schema/message/send-message.ts',
    ],
    ['schema/ports/bus.ts', "import { a } from '../channel/tokens.ts';", 'schema/channel/tokens.ts'],
    ['schema/errors.ts', "import { a } from './channel/tokens.ts';", 'schema/channel/tokens.ts'],
  ],
  'only tests import tests': [
    ['api/server.ts', "import '../schema/ports/bus.contract.ts';", 'bus.contract.ts'],
    ['api/server.ts', "import './test/world.ts';", 'api/test/world.ts'],
  ],
  'only *.graphql.ts uses the builder': [
    ['schema/message/send-message.ts', "import { builder } from '../builder.ts';", 'schema/builder.ts'],
    ['schema/limits.ts', "import { builder } from './builder.ts';", 'schema/builder.ts'],
  ],
  'only *.graphql.ts speaks GraphQL inside the product': [
    ['schema/message/send-message.ts', "import { GraphQLError } from 'graphql';", 'graphql'],
    ['schema/message/send-message.ts', "import '@pothos/plugin-relay';", '@pothos/plugin-relay'],
    ['schema/message/send-message.ts', "import { A } from './message.graphql.ts';", 'message.graphql.ts'],
    ['schema/stream/hub.ts', "import { GraphQLError } from 'graphql';", 'graphql'],
  ],
  'a policy gets facts, never a scope': [
    ['schema/message/message.policy.ts', "import type { Scope } from '../scope.ts';", 'schema/scope.ts'],
    ['schema/message/message.policy.ts', "import { hash } from 'node:crypto';", 'node:crypto'],
    ['schema/message/message.policy.ts', "import { z } from 'zod';", 'zod'],
  ],
  'a policy reads no port': [
    [
      'schema/message/message.policy.ts',
      "import { systemClock } from '../ports/clock.ts';",
      'ports/clock.ts',
    ],
  ],
  'schema does no input and output of its own': [
    ['schema/message/send-message.ts', "import { readFileSync } from 'node:fs';", 'node:fs'],
    ['schema/stream/hub.ts', "import { setTimeout } from 'node:timers/promises';", 'node:timers/promises'],
  ],
  'the web demo is a third party': [
    ['web-demo/src/app.tsx', "import { schema } from '../../schema/index.ts';", 'schema/index.ts'],
    ['web-demo/src/app.tsx', "import sdl from '../../schema/schema.graphql?raw';", 'schema/schema.graphql'],
    ['web-demo/src/app.tsx', "import type { Config } from '../../api/config.ts';", 'api/config.ts'],
    ['web-demo/src/app.test.ts', "import { openWorld } from '../../api/test/world.ts';", 'api/test/world.ts'],
    ['web-demo/vite.config.ts', "import { version } from '../package.json';", 'package.json'],
  ],
  'nobody knows the web demo': [
    ['api/server.ts', "import { App } from '../web-demo/src/app.tsx';", 'web-demo/src/app.tsx'],
    [
      'api/test/a.test.ts',
      "import { XDocument } from '../../web-demo/src/gql/graphql.ts';",
      'web-demo/src/gql/graphql.ts',
    ],
  ],
  'what keeps a client in step stands apart from its screens': [
    ['web-demo/src/sync/lists.ts', "import { useState } from 'react';", 'react'],
    ['web-demo/src/sync/lists.ts', "import { App } from '../app.tsx';", 'web-demo/src/app.tsx'],
  ],
  'every package has its home': [
    ['api/server.ts', "import pg from 'pg';", 'pg'],
    ['schema/message/send-message.ts', "import type { WebSocket } from 'ws';", 'ws'],
    ['schema/message/send-message.ts', "import { pino } from 'pino';", 'pino'],
    ['api/server.ts', "import { it } from 'vitest';", 'vitest'],
    ['api/server.ts', "import { useState } from 'react';", 'react'],
    ['api/test/a.test.ts', "import { chromium } from 'playwright-core';", 'playwright-core'],
    ['web-demo/src/app.tsx', "import { pino } from 'pino';", 'pino'],
    ['web-demo/src/app.tsx', "import { print } from 'graphql';", 'graphql'],
    ['web-demo/src/app.tsx', "import 'fake-indexeddb/auto';", 'fake-indexeddb'],
    ['api/server.ts', "import left from 'left-pad';", 'no home'],
    ['api/server.ts', "import right from '@scope/right-pad/deep';", '@scope/right-pad'],
  ],
  'a slice imports earlier slices only': [
    [
      'schema/channel/open-channel.ts',
      "import '../message/send-message.ts';",
      '`message` comes after `channel`',
    ],
    [
      'schema/channel/open-channel.ts',
      "import type { A } from '../sync/a.ts';",
      '`sync` comes after `channel`',
    ],
  ],
  'every slice has its place in schema/index.ts, `sync` last': [
    ['schema/reaction/react.ts', 'export const react = 1;', 'the slice `reaction`'],
    [
      'schema/index.ts',
      "import './channel/c.graphql.ts';\nimport './sync/s.graphql.ts';\nimport './message/m.graphql.ts';",
      'after `sync`',
    ],
  ],
  'a slice has at most 12 files': [],
  'a file has at most 5 imports from other slices': [
    ['schema/sync/fold.ts', many(6, (n) => `import '../message/part-${n}.ts';`), '6 imports'],
  ],
  'a file is named after what is in it': [
    ['schema/message/utils.ts', '', 'utils'],
    ['schema/message/message-helpers.ts', '', 'helpers'],
    ['schema/message/message.types.ts', '', 'types'],
    ['api/common.ts', '', 'common'],
    ['api/socket-manager.ts', '', 'manager'],
    ['api/message.service.ts', '', 'service'],
  ],
  'no default exports': [
    ['api/server.ts', 'export default 1;', 'default export'],
    ['api/server.ts', 'const a = 1;\nexport { a as default };', 'default export'],
  ],
  'only api/config.ts reads process.env': [
    ['api/server.ts', 'const port = process.env.PORT;', 'reads the environment'],
    ['api/server.ts', "const { PORT } = process['env'];", 'reads the environment'],
    ['api/server.ts', 'const { env } = process;', 'reads the environment'],
    ['api/server.ts', "import { env } from 'node:process';", 'reads the environment'],
    ['web-demo/src/app.tsx', 'const url = process.env.PARLEY_URL;', 'reads the environment'],
  ],
  'no `any`, and no cast through `unknown`, outside drivers': [
    ['api/server.ts', 'const a = (b: any) => b;', 'says `any`'],
    ['api/server.ts', 'const a = b as unknown as string;', 'as unknown as'],
    ['schema/message/message.test.ts', 'const a = b as unknown as string;', 'as unknown as'],
  ],
  'the compiler is not silenced': [
    ['api/server.ts', '// @ts-ignore It is fine.\nconst a: string = 1;', '@ts-ignore'],
    ['api/server.ts', '// @ts-expect-error It is fine.\nconst a: string = 1;', '@ts-expect-error'],
    ['schema/message/message.test.ts', '/* @ts-nocheck */', '@ts-nocheck'],
  ],
  'the product takes time only from the Clock': [
    ['schema/message/send-message.ts', 'const now = Date.now();', 'Date.now'],
    ['schema/message/send-message.ts', 'const now = new Date();', 'new Date()'],
    ['schema/stream/hub.ts', 'setTimeout(() => undefined, 1);', 'setTimeout'],
  ],
  'a policy waits for nothing and asks no clock': [
    ['schema/message/message.policy.ts', 'export const canSend = async () => allowed;', 'waits'],
    ['schema/message/message.policy.ts', 'export const canSend = () => Math.random() > 0.5;', 'Math.random'],
  ],
  'a file has at most 250 lines, a test 400': [
    ['api/server.ts', lines(251, 'step();'), '251 lines'],
    ['api/server.test.ts', lines(401, 'step();'), '401 lines'],
  ],
  'a function has at most 40 lines': [
    ['api/server.ts', `function start() {\n${lines(39, 'step();')}\n}`, '`start` has 41 lines'],
    ['api/server.ts', `const start = () => {\n${lines(39, 'step();')}\n};`, '`start` has 41 lines'],
    ['api/server.ts', `serve(() => {\n${lines(39, 'step();')}\n});`, 'a nameless function` has 41'],
    [
      'api/server.ts',
      `function start() {\n  each(() => {\n${lines(37, 'step();')}\n});\n}`,
      '`start` has 41 lines',
    ],
    ['api/server.ts', `const o = { start() {\n${lines(39, 'step();')}\n} };`, '`start` has 41 lines'],
    [
      'web-demo/src/app.tsx',
      `export const App = () => {\n  return <p>\n${lines(38, '<b>a</b>')}\n</p>;\n};`,
      '`App` has',
    ],
    ['api/a.test.ts', `it('a', inWorld(async () => {\n${lines(39, 'step();')}\n}));`, '41 lines'],
  ],
  'a function has at most 3 parameters': [
    ['api/server.ts', 'const start = (a: A, b: B, c: C, d: D) => a;', '`start` has 4 parameters'],
    ['schema/ports/bus.ts', 'interface Bus { publish(a: A, b: B, c: C, d: D): void }', '`publish` has 4'],
  ],
  'each top-level folder has a README.md of at most 40 lines': [
    ['workers/main.ts', '', 'workers/README.md: does not exist'],
    ['api/README.md', lines(41, 'The machine.'), '41 lines'],
  ],
  'a port has at most 8 methods': [
    [
      'schema/ports/bus.ts',
      `export interface Bus { ${many(5, (n) => `a${n}(): void; b${n}: () => void;`)} }`,
      '10 methods',
    ],
  ],
  'a port has a contract, and every driver runs it': [
    ['schema/ports/bus.ts', 'export interface Bus { close(): void }', 'schema/ports/bus.contract.ts'],
    [
      'api/drivers/log.cassandra.ts',
      'export async function openCassandraLog() {}',
      'schema/ports/log.contract.ts',
    ],
    ['api/drivers/log.postgres.test.ts', "import { it } from 'vitest';", 'log.postgres.ts: has no test'],
  ],
  'no value is written into SQL': [
    [
      'api/drivers/a.postgres.ts',
      `const read = (id: string) => \`SELECT * FROM a WHERE id = \${id}\`;`,
      'writes id',
    ],
    [
      'api/drivers/a.postgres.ts',
      "const read = (id: string) => 'SELECT * FROM a WHERE id = ' + id;",
      'writes id',
    ],
    [
      'api/drivers/a.postgres.ts',
      `const read = (a: A) => \`\${start} ORDER BY \${a.name}\`;\nconst start = 1;`,
      'writes a.name',
    ],
    [
      'api/drivers/a.postgres.ts',
      `function order(by: string) { return \`SELECT 1 ORDER BY \${by}\`; }\nconst a = (b: string) => order(b);`,
      'writes by',
    ],
    [
      'api/drivers/a.postgres.ts',
      `const quoted = (a: string) => a;\nconst b = (c: string) => \`SELECT \${quoted(c)}\`;`,
      'writes quoted(c)',
    ],
    ['schema/message/history.ts', 'const a = (b: string) => prisma.$queryRawUnsafe(b);', '$queryRawUnsafe'],
    ['schema/message/history.ts', 'const a = (b: string) => Prisma.raw(b);', 'uses raw'],
  ],
  'what keeps a client in step has at most 400 lines of code in all': [
    ['web-demo/src/sync/lists.ts', lines(10, 'step();'), '401 lines of code'],
  ],
};

const caughtIn = (name: string, files: { readonly [path: string]: string }) => {
  const rule = allRules.find((found) => found.name === name);
  if (rule === undefined) throw new Error(`There is no rule called "${name}".`);
  return violationsOf(rule, madeUpProject({ ...tidyProject, ...files }));
};

describe('a rule of the house', () => {
  it('is not broken by a tidy project', () => {
    const project = madeUpProject(tidyProject);
    expect(allRules.flatMap((rule) => violationsOf(rule, project))).toEqual([]);
  });

  it('is proved able to fail, each one', () => {
    expect(Object.keys(offenders)).toEqual(allRules.map(({ name }) => name));
  });

  const cases = Object.entries(offenders).flatMap(([rule, found]) =>
    found.map(([path, text, said]) => ({ rule, path, text, said })),
  );
  it.each(cases)('"$rule" catches $said in $path, and says why', ({ rule, path, text, said }) => {
    const [message, ...rest] = caughtIn(rule, { [path]: text });
    expect(message).toContain(said);
    expect(message).toContain(path.startsWith('workers/') ? 'workers/' : path.split('/')[0]);
    expect(message).toMatch(/Why not: .{20,}/);
    expect(rest).toEqual([]);
  });

  it('catches a slice that has grown into two nouns', () => {
    const files = Object.fromEntries(
      Array.from({ length: 13 }, (_, n) => [`schema/channel/part-${n}.ts`, '']),
    );
    expect(caughtIn('a slice has at most 12 files', files)[0]).toContain('schema/channel: has 15 files');
  });
});
