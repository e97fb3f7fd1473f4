import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '../prisma/open-database.ts';
import { startError } from '../prisma/start-error.ts';
import { checkPassword, handleKeyOf } from '../schema/account/account.policy.ts';
import { createPasswords } from '../schema/account/passwords.ts';
import { revokeSessions } from '../schema/session/revoke-sessions.ts';
import { moveViewerFeed } from '../schema/viewer-feed.ts';
import { type Command, runCommand, wrongCall } from './command.ts';
import { openData } from './open-data.ts';

const usage = `npm run user:reset-password -- <handle>

Gives somebody a new password and ends all their sessions, whether the server runs or not. The new password is asked for; when
standard input is no terminal, its first line is taken. Nothing typed, or an empty line: one is made up and printed, once.`;

async function resetPassword({ config, say, tell, signal }: Command): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [handle, ...more] = positionals;
  if (handle === undefined || more.length > 0) throw wrongCall('Name one person by their handle.');
  const data = await openData(config, tell);
  try {
    const database = await openDatabase(data.url, { poolSize: 1 });
    try {
      const person = await personOf(database, handle);
      const given = await passwordFor(person.handle, signal);
      const password = given === '' ? randomBytes(15).toString('base64url') : given;
      const ended = await replacePassword(database, person.id, password);
      if (given === '') say(`The new password of ${person.handle}: ${password}`);
      say(
        `${person.handle} has a new password. All sessions of ${person.handle} (${ended}) end within 5 seconds.`,
      );
    } finally {
      await database.close();
    }
  } finally {
    await data.close();
  }
}

async function personOf({ prisma }: Database, handle: string) {
  const found = await prisma.user.findUnique({
    where: { handleKey: handleKeyOf(handle) },
    select: { id: true, handle: true },
  });
  if (found) return found;
  throw startError(
    `Nobody here has the handle ${JSON.stringify(handle)}: correct it, or set DATA_DIR or DATABASE_URL as the server has it.`,
  );
}

/** The password in one go with the end of every session, so that nobody stays who knew the one before. Answers how many ended. */
async function replacePassword({ prisma }: Database, id: bigint, password: string): Promise<number> {
  const invalid = checkPassword(password);
  if (invalid) throw startError(`${invalid.explanation} Nothing was changed: try again.`);
  const passwordHash = await createPasswords().hash(password);
  return prisma.$transaction(async (tx) => {
    // The user before their sessions, as a sign-in does it: neither waits for what the other holds.
    await tx.user.update({ where: { id }, data: { passwordHash } });
    const revoked = await revokeSessions(tx, { userId: id }, new Date());
    // A running server hears of it by its own look at the sessions behind its sockets.
    if (revoked.length > 0) await moveViewerFeed(tx, id);
    return revoked.length;
  });
}

/** Empty when one shall be made up. */
async function passwordFor(handle: string, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) return askFor(`New password for ${handle} (empty: one is made up): `, signal);
  const [line = ''] = (await text(process.stdin)).split('\n');
  return line.replace(/\r$/, '');
}

/** Asks without showing what is typed. */
function askFor(question: string, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  return new Promise<string>((resolve, reject) => {
    const stop = () => reject(startError('Nothing was changed.'));
    terminal.once('SIGINT', stop);
    terminal.once('close', stop);
    signal.addEventListener('abort', stop, { once: true });
    terminal.question('', resolve);
  }).finally(() => {
    terminal.close();
    process.stderr.write('\n');
  });
}

await runCommand(usage, resetPassword);
