// Writes prisma/generated/client from schema.prisma, and does nothing when that has been done already, so that it can
// stand in front of every start. Plain JavaScript, because it runs before anything is compiled.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const here = import.meta.dirname;
const { resolve } = createRequire(import.meta.url);
const hashFile = join(here, 'generated', 'schema.sha256');

/** What the output depends on: the schema, and the version of the generator. */
const wanted = createHash('sha256')
  .update(readFileSync(join(here, 'schema.prisma')))
  .update(readFileSync(resolve('prisma/package.json')))
  .digest('hex');

const isCurrent = () =>
  existsSync(join(here, 'generated', 'client', 'client.ts')) &&
  existsSync(hashFile) &&
  readFileSync(hashFile, 'utf8') === wanted;

const generate = () => {
  const args = [resolve('prisma/build/index.js'), 'generate', '--config', join(here, 'prisma.config.ts')];
  // Generating needs no schema engine, but Prisma would download one unless told that there is one already.
  const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  execFileSync(process.execPath, args, { env, stdio: 'pipe' });
  writeFileSync(hashFile, wanted);
};

try {
  if (!isCurrent()) generate();
} catch (error) {
  process.stderr.write(`The Prisma client cannot be generated.\n${error.stderr ?? error}\n`);
  process.exitCode = 1;
}
