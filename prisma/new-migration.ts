import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { packageRoot } from './package-root.ts';
import { schemaDiff } from './schema-diff.ts';
import { isStartError } from './start-error.ts';
import { makeTempFolder } from './temp-folder.ts';

/**
 * `npm run migration -- <name>`: writes the next migration, which turns what the existing ones make into what
 * schema.prisma says. It is a draft: read it, add what Prisma cannot say (data, partial indexes), then commit it.
 */
const migrations = join(packageRoot, 'prisma', 'migrations');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function writeMigration(name: string): Promise<void> {
  const sql = await missingSql();
  if (sql === undefined) return say('Nothing to do: the migrations make what schema.prisma says.');
  const numbers = (await readdir(migrations))
    .map((folder) => Number.parseInt(folder, 10))
    .filter(Number.isFinite);
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const folder = join(migrations, `${number}_${name.replaceAll('-', '_')}`);
  await mkdir(folder);
  await writeFile(join(folder, 'migration.sql'), sql);
  say(`Written: ${join(folder, 'migration.sql')}. Read it, complete it, commit it.`);
}

/** Asks a PostgreSQL that lives only for this, so that no database of anybody's is touched. */
async function missingSql(): Promise<string | undefined> {
  const folder = await makeTempFolder();
  try {
    const postgres = await openEmbeddedPostgres({ dataDir: folder.path, onNotice: say, isDurable: false });
    try {
      await migrate(postgres.url);
      return await schemaDiff(postgres.url);
    } finally {
      await postgres.close();
    }
  } finally {
    await folder.remove();
  }
}

const name = process.argv[2] ?? '';
try {
  if (/^[a-z][a-z0-9-]*$/.test(name)) await writeMigration(name);
  else say('Name the migration in lower case with hyphens: npm run migration -- add-reactions');
} catch (error) {
  if (!isStartError(error)) throw error;
  say(error.message);
  process.exitCode = 1;
}
