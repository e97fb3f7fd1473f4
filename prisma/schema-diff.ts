import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils';
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { packageRoot } from './package-root.ts';

const schemaFile = join(packageRoot, 'prisma', 'schema.prisma');

/**
 * The SQL that turns a database into what a schema says; `undefined` if it is that already. Partial indexes are not
 * compared: Prisma does not know them. Works with Prisma's schema engine in its WebAssembly form, so nothing is downloaded.
 */
export async function schemaDiff(url: string, schema?: string): Promise<string | undefined> {
  const content = schema ?? (await readFile(schemaFile, 'utf8'));
  const files = [{ path: 'schema.prisma', content }];
  const pool = new pg.Pool({ connectionString: url });
  try {
    const engine = await openEngine(pool, content);
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: join(packageRoot, 'prisma') },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    engine.free();
    return exitCode === 0 ? undefined : (stdout ?? '');
  } finally {
    await pool.end();
  }
}

/** The part of the standard that is used here; TypeScript knows it only together with all of the browser. */
declare const WebAssembly: {
  instantiate(
    code: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

async function openEngine(pool: pg.Pool, schema: string) {
  loaded ??= load();
  await loaded;
  const adapters = bindMigrationAwareSqlAdapterFactory(adaptersOver(pool));
  return engineModule.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    adapters,
  );
}

/** Once per process: its glue code keeps one instance. Node 20 cannot import a .wasm file itself. */
let loaded: Promise<void> | undefined;

async function load() {
  const wasm = new URL(
    'schema_engine_bg.wasm',
    import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
  );
  const imports = { './schema_engine_bg.js': engineModule };
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), imports);
  engineModule.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** PostgreSQL's internal type "char", which its catalogue uses, and the one under which it is let through. */
const charOid = 18;
const textOid = 25;
const mark = '\0char';

/** Prisma's adapter 7.10 refuses columns of type "char", which the engine itself asks for: they are led past it. */
function adaptersOver(pool: pg.Pool) {
  const query = pool.query.bind(pool);
  Object.assign(pool, {
    query: async (config: pg.QueryArrayConfig) => {
      const result = await query(config);
      for (const field of result.fields) {
        if (field.dataTypeID === charOid)
          Object.assign(field, { dataTypeID: textOid, name: field.name + mark });
      }
      return result;
    },
  });
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  return Object.assign(factory, { connect: async () => withChars(await connect()) });
}

function withChars(adapter: SqlDriverAdapter): SqlDriverAdapter {
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    queryRaw: async (...query: Parameters<typeof queryRaw>) => {
      const { columnNames, columnTypes, rows } = await queryRaw(...query);
      const typeOf = (type: ColumnType, at: number) =>
        columnNames[at]?.endsWith(mark) ? ColumnTypeEnum.Character : type;
      return {
        columnNames: columnNames.map((name) => name.replace(mark, '')),
        columnTypes: columnTypes.map(typeOf),
        rows,
      };
    },
  });
}
