import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, startError } from '../start-error.ts';

export type Lock = { release(): Promise<void> };

/**
 * One Parley per data folder. The lock is a listening Unix socket, because the kernel takes it away with its process,
 * however that dies: unlike a process id in a file it is never stale, never fooled by a reused id, and it holds between
 * containers that share the folder. Each opener listens on a name of its own *before* it looks for others, so of two at
 * the same moment at least one sees the other, and removing the remains of the dead can never remove a living lock.
 *
 * Throws a StartError if somebody else holds the folder.
 */
export async function takeLock(folder: string): Promise<Lock> {
  const way = await shortWayTo(folder);
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const lock = await attemptLock(folder, way.path);
      if (lock) return lock;
    }
    throw startError(`${folder} cannot be locked: several Parleys are starting there at once. Start one.`);
  } finally {
    await way.close();
  }
}

/** Who holds the folder, if anybody does: a process id, or `unknown`. Takes nothing and changes nothing. */
export async function holderOfFolder(folder: string): Promise<string | undefined> {
  const way = await shortWayTo(folder);
  try {
    for (const name of (await readdir(folder)).filter(isLockName)) {
      const holder = await holderOf(join(way.path, name));
      if (holder) return holder;
    }
    return undefined;
  } finally {
    await way.close();
  }
}

/** A second attempt is needed only if another starter looked in the microsecond between our name and our listening. */
const maxAttempts = 5;

const isLockName = (name: string) => /^lock-[0-9a-f]{8}$/.test(name);

async function attemptLock(folder: string, way: string): Promise<Lock | undefined> {
  const own = `lock-${randomBytes(4).toString('hex')}`;
  const server = await listen(join(way, own), folder);
  const release = async () => {
    await new Promise((resolve) => server.close(resolve));
    await unlink(join(folder, own)).catch(() => undefined); // gone already if the folder is
  };
  const others = (await readdir(folder)).filter((name) => isLockName(name) && name !== own);
  for (const other of others) {
    const holder = await holderOf(join(way, other));
    if (holder) {
      await release();
      throw startError(
        `${folder} is in use by another Parley (process ${holder}): stop that one, or set DATA_DIR to another folder.`,
      );
    }
    await unlink(join(folder, other)).catch(() => undefined); // another starter may have removed it first
  }
  if ((await readdir(folder)).includes(own)) return { release };
  await release();
  return undefined;
}

function listen(path: string, folder: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        startError(
          `${folder} cannot hold the lock that keeps a second Parley out (${codeOf(error)}): set DATA_DIR to a folder on a local disk.`,
          error,
        ),
      ),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

/** A holder that is stopped or very busy still accepts, but may not answer; it is alive all the same. */
const answerMs = 500;

/** Who listens there: its process id, or `unknown`; nothing if nobody does. */
function holderOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(path);
    const finish = (holder: string | undefined) => {
      socket.destroy();
      resolve(holder);
    };
    socket.setTimeout(answerMs, () => finish('unknown'));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.once('end', () => finish(answer || 'unknown'));
    socket.once('error', (error) => {
      const isDead = ['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '');
      finish(isDead ? undefined : 'unknown');
    });
  });
}

/** The path of a Unix socket may have about 100 bytes; a deeper folder is reached through a link from the temporary folder. */
const maxFolderBytes = 85;

async function shortWayTo(folder: string) {
  if (Buffer.byteLength(folder) <= maxFolderBytes) return { path: folder, close: async () => undefined };
  const temporary = await mkdtemp(join(tmpdir(), 'parley-'));
  await symlink(folder, join(temporary, 'l'));
  return {
    path: join(temporary, 'l'),
    close: () => rm(temporary, { recursive: true, force: true }),
  };
}
