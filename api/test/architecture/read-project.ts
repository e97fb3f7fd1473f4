import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Project } from './rule.ts';
import { parseSourceFile } from './source-file.ts';

const root = join(import.meta.dirname, '../../..');
/** The top-level folders that hold code of ours. */
const folders = ['api', 'bench', 'prisma', 'schema', 'workers', 'web-demo'];
const isWritten = (path: string) => !/(^|\/)(node_modules|generated|dist|gql)\//.test(path);
const isSource = (path: string) => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('.d.ts');

const filesIn = (folder: string): string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(root.length + 1)
            .split(sep)
            .join('/'),
        )
    : [];

/** The repository as it stands on disk, without what is generated or installed. */
export function readProject(): Project {
  const paths = [...folders.flatMap(filesIn), 'codegen.ts', 'vitest.config.ts'].filter(isWritten).sort();
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  return {
    sources: paths.filter(isSource).map((path) => parseSourceFile(path, read(path))),
    readmes: new Map(paths.filter((path) => path.endsWith('/README.md')).map((path) => [path, read(path)])),
  };
}
