import { createHash } from 'node:crypto';
import { access, chmod, chown, constants, mkdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, startError } from '../start-error.ts';
import { osUser, osUserName } from './os-user.ts';
import { type RunAs, run } from './run.ts';

/** Where the embedded PostgreSQL keeps everything of its own, and who it runs as. */
export type Place = { readonly folder: string; readonly as: RunAs; readonly isElsewhere: boolean };

/** Inside the place: PostgreSQL's own data directory. */
export const clusterIn = (folder: string) => join(folder, 'cluster');

/**
 * `postgres/` in the data folder. Only under root there may be another answer: PostgreSQL then runs as an OS user that
 * may not be able to enter the data folder (a checkout in /root, say), and its place is in /var/lib/parley.
 *
 * Data that exist are never left behind: once a place has data, it stays the place. Throws a StartError if there is
 * none that can be used.
 */
export async function choosePlace(dataDir: string): Promise<Place> {
  const wanted = join(dataDir, 'postgres');
  await makeFolder(wanted);
  return process.getuid?.() === 0 ? placeUnderRoot(wanted) : placeOfUser(wanted);
}

/** The place that has data already, found without making anything; undefined when there is none. */
export async function placeWithData(dataDir: string): Promise<Place | undefined> {
  const wanted = join(dataDir, 'postgres');
  const isRoot = process.getuid?.() === 0;
  for (const folder of isRoot ? [wanted, elsewhereFor(wanted)] : [wanted]) {
    const owner = await ownerOfData(folder);
    if (owner) return { folder, as: isRoot ? owner : undefined, isElsewhere: folder !== wanted };
  }
  return undefined;
}

const elsewhereFor = (wanted: string) =>
  join('/var/lib/parley', createHash('sha256').update(wanted).digest('hex').slice(0, 16));

async function placeOfUser(folder: string): Promise<Place> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw cannotUse(folder, error);
  }
  return { folder, as: undefined, isElsewhere: false };
}

async function placeUnderRoot(wanted: string): Promise<Place> {
  const owner = await ownerOfData(wanted);
  if (owner) return existingPlace(wanted, owner, false);
  const elsewhere = elsewhereFor(wanted);
  const otherOwner = await ownerOfData(elsewhere);
  if (otherOwner) {
    await rmdir(wanted); // empty: it was made a moment ago
    return existingPlace(elsewhere, otherOwner, true);
  }
  const as = await osUser();
  if (await giveTo(wanted, as)) return { folder: wanted, as, isElsewhere: false };
  await rmdir(wanted); // nobody shall look for data there
  await makeFolder(elsewhere);
  await chmod(join(elsewhere, '..'), 0o755); // whatever the umask: it has to be entered
  if (await giveTo(elsewhere, as)) return { folder: elsewhere, as, isElsewhere: true };
  throw startError(
    `The OS user ${osUserName}, which runs PostgreSQL, can enter neither ${wanted} nor ${elsewhere}: set DATA_DIR to a folder that every user may enter.`,
  );
}

/** Data of an ordinary user who now runs Parley as root stay that user's. */
async function existingPlace(folder: string, as: NonNullable<RunAs>, isElsewhere: boolean): Promise<Place> {
  if (await canWrite(folder, as)) return { folder, as, isElsewhere };
  throw startError(
    `PostgreSQL's data are in ${folder}, but their owner (OS user ${as.uid}) cannot reach them any more: let every user enter the folders above, or set DATA_DIR to another folder.`,
  );
}

/** Nothing if there are no data. */
async function ownerOfData(folder: string): Promise<RunAs> {
  try {
    const { uid, gid } = await stat(join(clusterIn(folder), 'PG_VERSION'));
    return { uid, gid };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw cannotUse(folder, error);
  }
}

async function giveTo(folder: string, as: NonNullable<RunAs>): Promise<boolean> {
  try {
    await chown(folder, as.uid, as.gid);
  } catch (error) {
    throw cannotUse(folder, error);
  }
  return canWrite(folder, as);
}

/** Asking the operating system is the only sure answer: permissions of every folder above, access lists and mounts all count. */
async function canWrite(folder: string, as: RunAs): Promise<boolean> {
  const { ok } = await run('/bin/sh', ['-c', 'cd -- "$1" && [ -w . ]', 'sh', folder], {
    as,
    timeoutMs: 10_000,
  });
  return ok;
}

async function makeFolder(folder: string) {
  try {
    await mkdir(join(folder, '..'), { recursive: true });
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await isFolder(folder))) return;
    throw cannotUse(folder, error);
  }
}

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this OS user may not write there',
  EPERM: 'this OS user may not write there',
  EROFS: 'it is on a read-only disk',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file is in its way',
  EEXIST: 'a file is in its way',
};

/** What to say when a folder of ours cannot be made, read or written. */
export function cannotUse(folder: string, error: unknown) {
  const code = codeOf(error) ?? 'unknown error';
  const advice =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'free some space and start again'
      : 'set DATA_DIR to a folder that can be written';
  return startError(`${folder} cannot be used: ${reasons[code] ?? code}; ${advice}.`, error);
}
