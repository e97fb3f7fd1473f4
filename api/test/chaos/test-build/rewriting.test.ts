import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { packageRoot } from '../../../../prisma/package-root.ts';
import { makeTempFolder } from '../../../../prisma/temp-folder.ts';
import { bugNames, bugs } from './bugs.ts';
import type { Change } from './change.ts';
import { changesOfPoint, crashPoints } from './crash-points.ts';
import { rewrite } from './rewrite.mjs';

const run = promisify(execFile);
const ofBugs = bugNames.map((name) => ({ name, changes: bugs[name].changes }));
const ofPoints = crashPoints.map((name) => ({ name, changes: changesOfPoint[name] }));
const builds = [...ofBugs, ...ofPoints];
const files = [...new Set(builds.flatMap(({ changes }) => changes.map(({ file }) => file)))];

/** The modules as they stand, and as `npm run build` makes them: compiled here, as nobody knows how old `dist` is. */
let written: ReadonlyMap<string, string>;
let built: ReadonlyMap<string, string>;
let close = async () => {};
beforeAll(async () => {
  const folder = await makeTempFolder();
  close = folder.remove;
  const config = join(folder.path, 'tsconfig.json');
  const options = { noCheck: true, noResolve: true, incremental: false, tsBuildInfoFile: null, types: [] };
  await writeFile(
    config,
    JSON.stringify({
      extends: join(packageRoot, 'tsconfig.json'),
      compilerOptions: { ...options, rootDir: packageRoot, outDir: join(folder.path, 'out') },
      include: [],
      files: files.map((file) => join(packageRoot, `${file}.ts`)),
    }),
  );
  await run(process.execPath, [join(packageRoot, 'node_modules/typescript/bin/tsc'), '-p', config]);
  written = await readAll((file) => join(packageRoot, `${file}.ts`));
  built = await readAll((file) => join(folder.path, 'out', `${file}.js`));
});
afterAll(() => close());

const readAll = async (pathOf: (file: string) => string) =>
  new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(pathOf(file), 'utf8')] as const)),
  );

/** The modules that a build changes, changed; throws when one is not as it should be. */
function changed(modules: ReadonlyMap<string, string>, changes: readonly Change[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const change of changes) {
    const text = texts.get(change.file) ?? modules.get(change.file) ?? '';
    texts.set(change.file, rewrite(text, [change]));
  }
  return texts;
}

describe('a test build', () => {
  it.each(builds)('with $name fits the product, built or under tsx', ({ changes }) => {
    expect(changes.length).toBeGreaterThan(0);
    for (const text of changed(built, changes).values()) expect(() => parseAst(text)).not.toThrow();
    for (const text of changed(written, changes).values())
      expect(() => parseAst(text, { lang: 'ts' })).not.toThrow();
  });

  it.each(ofBugs)('with $name can crash at each point, too', ({ changes }) => {
    for (const point of ofPoints)
      for (const text of changed(built, [...changes, ...point.changes]).values())
        expect(() => parseAst(text)).not.toThrow();
  });

  it('says which module is not as it expected', () => {
    const change = { from: 'a = b;', to: 'a = c;' };
    expect(rewrite('if (x) {\n  a =\n    b;\n}', [change])).toBe('if (x) {\n  a = c;\n}');
    expect(() => rewrite('a = d;', [change])).toThrow('says `a = b;` 0 times, not once');
    expect(() => rewrite('a = b; a=b;', [change])).toThrow('says `a = b;` 2 times, not once');
  });
});
