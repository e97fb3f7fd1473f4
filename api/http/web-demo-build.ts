import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packageRoot } from '../../prisma/package-root.ts';
import { startError } from '../../prisma/start-error.ts';
import type { Config } from '../config.ts';

/** The web demo as `npm run build` leaves it: files, which is all that a server knows of it. */
export type WebDemoBuild = {
  /** What browsers get, by its path. */
  readonly files: ReadonlyMap<string, BuiltFile>;
  /** Where its documents are, for the manifest of the server. */
  readonly documents: string;
};

/** One file, read once: what comes in at a start stays the same until the stop, whatever is built meanwhile. */
export type BuiltFile = {
  readonly type: string;
  /** Whether another content would have another path. */
  readonly isLasting: boolean;
  readonly plain: Bytes;
  /** Absent where it would not be smaller. */
  readonly zipped: Bytes | undefined;
};
export type Bytes = { readonly body: Buffer; readonly etag: string };

/** Ten times what the demo takes: a folder that is not one of ours does not fill the memory. */
const maxBytes = 10_000_000;
const page = 'index.html';
/** Made for this server, and of no use to a browser, which has the ids in its scripts. */
const documentsFile = 'persisted-documents.json';
const defaultFolder = join(packageRoot, 'dist', 'web-demo');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The build, if one is wanted and there. Throws a StartError when it is wanted and cannot be had. */
export async function readWebDemo(
  { WEB_DEMO }: Pick<Config, 'WEB_DEMO'>,
  folder = defaultFolder,
): Promise<WebDemoBuild | undefined> {
  if (WEB_DEMO === false) return undefined;
  if (!existsSync(join(folder, page))) {
    if (WEB_DEMO === undefined) return undefined;
    throw startError(
      `WEB_DEMO=on, but the web demo is not in ${folder}: run \`npm run build\`, or remove WEB_DEMO.`,
    );
  }
  const documents = join(folder, documentsFile);
  const paths = (await filesIn(folder)).filter((path) => path !== documents);
  await keepBound(folder, paths);
  const files = new Map<string, BuiltFile>();
  for (const path of paths) files.set(addressOf(folder, path), await readBuilt(folder, path));
  const start = files.get(`/${page}`);
  if (start) files.set('/', start);
  return { files, documents };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function keepBound(folder: string, paths: readonly string[]): Promise<void> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  if (sizes.reduce((sum, size) => sum + size, 0) > maxBytes)
    throw startError(
      `The files in ${folder} are larger than ${maxBytes / 1_000_000} MB, so they are not the web demo: remove that folder and run \`npm run build\`.`,
    );
}

const addressOf = (folder: string, path: string) => `/${relative(folder, path).split(sep).join('/')}`;

/** As Vite names what it builds: the hash of the content stands before the ending. */
const lasting = /^\/assets\/.*-[\w-]{8}\.[a-z0-9]+$/;

async function readBuilt(folder: string, path: string): Promise<BuiltFile> {
  const body = await readFile(path);
  const zipped = await promisify(gzip)(body, { level: 9 });
  return {
    type: types[extname(path)] ?? 'application/octet-stream',
    isLasting: lasting.test(addressOf(folder, path)),
    plain: bytesOf(body),
    zipped: zipped.length < body.length ? bytesOf(zipped) : undefined,
  };
}

const bytesOf = (body: Buffer): Bytes => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
});
