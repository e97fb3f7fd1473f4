import { randomBytes } from 'node:crypto';
import { chown, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, startError } from '../start-error.ts';
import type { Binaries } from './binaries.ts';
import { cannotUse, clusterIn, type Place } from './place.ts';
import { run } from './run.ts';

/** The superuser of the embedded PostgreSQL; only this server ever learns its password. */
export const userName = 'parley';

/** initdb takes half a second on a good disk. */
const initdbTimeoutMs = 120_000;

/**
 * Makes PostgreSQL's data directory if there is none yet, and returns the password of its only user. A directory of
 * another major version is refused: PostgreSQL could not read it.
 */
export async function prepareCluster(place: Place, binaries: Binaries, isDurable: boolean): Promise<string> {
  const version = await versionOf(place);
  if (version === undefined) return createCluster(place, binaries, isDurable);
  if (version !== binaries.major) {
    throw startError(
      `${clusterIn(place.folder)} was written by PostgreSQL ${version}, and this Parley comes with PostgreSQL ${binaries.major}: make a backup with the Parley that wrote it (npm run backup) and restore it into a new DATA_DIR with this one.`,
    );
  }
  return passwordOf(place);
}

/** The password of PostgreSQL's only user. */
export async function passwordOf(place: Place): Promise<string> {
  try {
    return (await readFile(passwordFile(place), 'utf8')).trim();
  } catch (error) {
    throw cannotUse(passwordFile(place), error);
  }
}

const passwordFile = (place: Place) => join(place.folder, 'password');

async function versionOf(place: Place): Promise<string | undefined> {
  try {
    return (await readFile(join(clusterIn(place.folder), 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw cannotUse(clusterIn(place.folder), error);
  }
}

/** Made under another name first, so that a directory called `cluster` is always a whole one, even after a power cut. */
async function createCluster(place: Place, binaries: Binaries, isDurable: boolean): Promise<string> {
  const unfinished = `${clusterIn(place.folder)}.unfinished`;
  try {
    for (const name of await readdir(place.folder)) {
      if (name.startsWith('cluster.')) await rm(join(place.folder, name), { recursive: true, force: true });
    }
    const password = await writePassword(place);
    await initdb(unfinished, place, { binaries, isDurable });
    await rename(unfinished, clusterIn(place.folder));
    await syncFolder(place.folder);
    return password;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined); // the first error tells more
    throw codeOf(error) ? cannotUse(place.folder, error) : error;
  }
}

async function writePassword(place: Place): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await rm(passwordFile(place), { force: true });
  await writeFile(passwordFile(place), `${password}\n`, { mode: 0o600 });
  if (place.as) await chown(passwordFile(place), place.as.uid, place.as.gid);
  return password;
}

type Making = { readonly binaries: Binaries; readonly isDurable: boolean };

async function initdb(cluster: string, place: Place, { binaries, isDurable }: Making) {
  const args = [
    `--pgdata=${cluster}`,
    `--username=${userName}`,
    `--pwfile=${passwordFile(place)}`,
    '--auth=scram-sha-256',
    // The same order and the same letters on every computer: PostgreSQL's own rules instead of the system's.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(isDurable ? [] : ['--no-sync']),
  ];
  const { ok, output } = await run(binaries.initdb, args, { as: place.as, timeoutMs: initdbTimeoutMs });
  if (!ok) throw postgresProblem(output, place.folder);
}

async function syncFolder(folder: string) {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What to say when PostgreSQL or initdb fails: their own words, and what to do where that is known. */
export function postgresProblem(output: string, folder: string) {
  if (/no space left on device|disk quota exceeded/i.test(output)) {
    return startError(`The disk that holds ${folder} is full: free some space and start again.`);
  }
  const lines = output.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  const words = lines.findLast((line) => /(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1) ?? '';
  return startError(
    `PostgreSQL cannot start in ${folder} (${words || 'it said nothing'}): solve this, set DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}
