// Makes a process one of a test build, by `--import`: modules of the product are rewritten as they are loaded, those of `dist/` as well as
// the sources under tsx. The product knows nothing of it. What is to be changed stands in the address of this file (see change.ts). When a
// module is not as it is expected, the process ends before anything of it has run, with a sentence that says which.
import { readFileSync, realpathSync } from 'node:fs';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';
import { rewrite } from './rewrite.mjs';

const { name, changes } = JSON.parse(new URL(import.meta.url).searchParams.get('told'));
const root = new URL('../../../../', import.meta.url);
const built = new URL('dist/', root);
const program = pathToFileURL(realpathSync(process.argv[1])).href;
const isBuilt = program.startsWith(built.href);
const urlOf = (file) => (isBuilt ? new URL(`${file}.js`, built) : new URL(`${file}.ts`, root));

const changesOf = {};
for (const change of changes) {
  const { href } = urlOf(change.file);
  changesOf[href] = [...(changesOf[href] ?? []), change];
}

for (const [url, own] of Object.entries(changesOf))
  try {
    rewrite(readFileSync(new URL(url), 'utf8'), own);
  } catch (error) {
    process.stderr.write(
      `No test build with ${name}: ${url.slice(root.href.length)} ${error.message}. Bring the bug up to date with the product.\n`,
    );
    process.exit(1);
  }

// An address of its own: with another build in this process it would be one and the same module.
register(`./load.mjs?${encodeURIComponent(name)}`, import.meta.url, { data: { changesOf } });
