import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../prisma/package-root.ts';

const source = join(packageRoot, 'web-demo');
const page = join(packageRoot, 'dist', 'web-demo', 'index.html');
const vite = join(packageRoot, 'node_modules', 'vite', 'bin', 'vite.js');

/** When something was written last; 0 when it is not there. */
const writtenAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Makes the page that a server serves, when it is older than anything that it is made of. */
export async function buildDemo(): Promise<void> {
  const files = await readdir(source, { recursive: true });
  const paths = [join(packageRoot, 'package-lock.json'), ...files.map((file) => join(source, file))];
  const newest = Math.max(...(await Promise.all(paths.map(writtenAt))));
  if ((await writtenAt(page)) >= newest) return;
  // In a process of its own: in one that runs tests the page would be built for those, not for people.
  await promisify(execFile)(process.execPath, [vite, 'build', 'web-demo', '--logLevel', 'warn'], {
    cwd: packageRoot,
    env: {},
  });
}
