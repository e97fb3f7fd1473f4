import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asPublished, compatibilityOf } from './compatibility.ts';
import { schema } from './index.ts';
import { schemaReferenceOf } from './schema-reference.ts';
import { possibleTypesOf, sdlOf } from './sdl.ts';
import { featureLevel } from './server/version.ts';

// `npm run schema:print` writes the schema as it is now; beside it what its interfaces and unions can turn out to be, which
// caches want to know; and all of it as a page for people. `npm run schema:publish`, part of a release, also makes this schema
// the one that clients rely on from now on: every later one is compared with it.

const printedFile = join(import.meta.dirname, 'schema.graphql');
const possibleTypesFile = join(import.meta.dirname, 'possible-types.json');
const publishedFile = join(import.meta.dirname, 'test', 'published.graphql');
const referenceFile = join(import.meta.dirname, '..', 'docs', 'schema.md');
const changelogFile = join(import.meta.dirname, '..', 'CHANGELOG.md');

const current = sdlOf(schema);
writeFileSync(printedFile, current);
writeFileSync(possibleTypesFile, possibleTypesOf(schema));
writeFileSync(referenceFile, schemaReferenceOf(schema));

if (process.argv.includes('--publish')) {
  // The very first publication has nothing to be compared with but itself.
  const published = existsSync(publishedFile)
    ? readFileSync(publishedFile, 'utf8')
    : asPublished(current, featureLevel);
  const changelog = readFileSync(changelogFile, 'utf8');
  const { problems, notices } = compatibilityOf({ published, current, featureLevel, changelog });
  for (const notice of notices) process.stdout.write(`Clients may notice: ${notice}\n`);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length === 0) writeFileSync(publishedFile, asPublished(current, featureLevel));
  else process.exitCode = 1;
}
