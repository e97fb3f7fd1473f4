import type { Project } from './rule.ts';
import { parseSourceFile } from './source-file.ts';

/** A project that exists only in memory: text by path. */
export const madeUpProject = (files: { readonly [path: string]: string }): Project => {
  const entries = Object.entries(files);
  return {
    sources: entries
      .filter(([path]) => !path.endsWith('.md'))
      .map(([path, text]) => parseSourceFile(path, text)),
    readmes: new Map(entries.filter(([path]) => path.endsWith('.md'))),
  };
};

const lines = (count: number, line: string) => Array.from({ length: count }, () => line).join('\n');

/** A small project that keeps every rule, and comes close to breaking many. */
export const tidyProject: { readonly [path: string]: string } = {
  'schema/index.ts':
    "import './channel/channel.graphql.ts';\nimport './message/message.graphql.ts';\nimport './sync/sync.graphql.ts';",
  'schema/README.md': lines(40, 'The product.'),
  'api/README.md': 'The machine.',
  'prisma/README.md': 'The stored shapes.',
  'prisma/open-database.ts': "import pg from 'pg';\nimport './generated/client/client.ts';",
  'prisma/prisma.config.ts':
    "import { defineConfig } from 'prisma/config';\nexport default defineConfig({});",
  'schema/builder.ts': "import SchemaBuilder from '@pothos/core';\nimport { GraphQLError } from 'graphql';",
  'schema/scope.ts':
    "import type { Tokens } from './channel/tokens.ts';\nimport type { Logger } from 'pino';",
  'schema/print.ts': "import { writeFileSync } from 'node:fs';\nimport { schema } from './index.ts';",
  'schema/ports/clock.ts': 'export const now = () => Date.now();',
  'schema/ports/log.ts': `export interface Log {\n${lines(8, '  read(a: string, b: string, c: string): void;')}\n  readonly name: string;\n}`,
  'schema/ports/log.contract.ts': "import { it } from 'vitest';",
  'schema/channel/tokens.ts':
    "import { crc32 } from 'node:zlib';\n// Not any of this is a problem: process.environment, utils, as unknown",
  'schema/channel/channel.graphql.ts': `import { builder } from '../builder.ts';
    builder.queryField('a', (t) => t.field({ resolve: (parent, args, scope, info) => readChannel(scope) }));
    builder.objectType('B', { fields: (t) => ({\n${lines(60, "      a: t.string({ description: 'A.' }),")}\n}) });`,
  'schema/message/message.graphql.ts':
    "import { builder } from '../builder.ts';\nimport { ChannelRef } from '../channel/channel.graphql.ts';",
  'schema/message/message.policy.ts':
    "import type { Roster } from '../ports/memberships.ts';\nimport { denied } from '../verdict.ts';\nexport const canSend = (at: number) => new Date(at);",
  'schema/message/send-message.ts': `import { readChannel } from '../channel/read-channel.ts';
    export function createSender(scope: Scope, input: Input, options: Options) {
      // A comment does not make a function long.\n${lines(60, '      // Nor do many.')}
      function first() {\n${lines(38, '        step();')}\n}
      return {
        second() {\n${lines(38, '        step();')}\n},
        third: () => {\n${lines(38, '        step();')}\n},
      };
    }`,
  'schema/message/message.test.ts': `import { it } from 'vitest';
    import { GraphQLError } from 'graphql';
    describe('messages', () => {\n${lines(45, "const row = ['a', 'b'];")}\n${lines(3, `it('a', inWorld(async () => {\n${lines(30, 'step();')}\n}));`)}\n});
    // @ts-expect-error A channel's id is not that of a user.
    const id: UserId = channelId;
    setTimeout(step, 1);`,
  'schema/sync/sync.graphql.ts': "import { MessageRef } from '../message/message.graphql.ts';",
  'api/config.ts': "import { z } from 'zod';\nexport const readConfig = () => z.parse(process.env);",
  'api/platform.ts': "import { openLog } from './drivers/log.postgres.ts';",
  'api/drivers/log.postgres.ts': `import pg from 'pg';
    import type { Log } from '../../schema/ports/log.ts';
    export const row = (value: any) => value as unknown as Row;
    export async function openLog() {}
    const columns = 'a, b';
    const most = 5;
    const msOf = (column: string) => \`round(\${column})\`;
    function page(order: string) { return \`SELECT \${columns}, \${msOf('c')} FROM a WHERE id = $1 ORDER BY \${order} LIMIT \${most}\`; }
    const pages = [page('a'), page('a DESC')];
    const find = (id: string) => prisma.$queryRaw\`SELECT 1 WHERE id = \${id}\`;
    const say = (id: string) => \`Not found: \${id}\`;`,
  'api/drivers/log.postgres.test.ts': "import { logContract } from '../../schema/ports/log.contract.ts';",
  'codegen.ts': "import type { CodegenConfig } from '@graphql-codegen/cli';\nexport default {};",
  'web-demo/README.md': 'A third party.',
  'web-demo/vite.config.ts':
    "import { defineConfig } from 'vite';\nexport default defineConfig({ server: { proxy: process.env.PARLEY_URL } });",
  'web-demo/compact.ts': "import { visit } from 'graphql';\nimport type { Plugin } from 'vite';",
  'web-demo/src/service-worker.ts': "self.addEventListener('fetch', answer);",
  'web-demo/src/main.tsx':
    "import { createRoot } from 'react-dom/client';\nimport { follow } from './sync/follow.ts';\nimport './main.css';\ncreateRoot(app).render(<p>{follow<string>()}</p>);",
  'web-demo/src/sync/follow.ts': `import { XDocument } from '../gql/graphql.ts';\n// Words are free.\n${lines(150, 'step();')}`,
  'web-demo/src/sync/outbox.ts': lines(240, 'step();'),
  'web-demo/src/sync/outbox.test.ts': `import 'fake-indexeddb/auto';\nimport { openStorage } from '../account/storage.ts';\n${lines(390, 'step();')}`,
  'api/socket/socket.ts':
    "import { makeServer } from 'graphql-ws';\nconst { pid } = process;\nsetTimeout(close, 1);",
};
