import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of package.json. Files that the compiler does not copy (SQL, .mjs, .graphql) are found from here, because
 * this code runs both from its source and from `dist/`, which is one folder deeper.
 */
export const packageRoot = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package.json is missing above this file.');
  return rootAbove(parent);
}
