import { setTimeout as pause } from 'node:timers/promises';
import { startError } from '../start-error.ts';
import { type RunAs, run } from './run.ts';

/** PostgreSQL refuses to run as root, so under root it runs as this OS user, which can do nothing else. */
export const osUserName = 'parley-postgres';

const home = '/nonexistent';
/** Debian, Fedora and most others; then Alpine. */
const commands: readonly (readonly [string, ...string[]])[] = [
  [
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    home,
    '--shell',
    '/usr/sbin/nologin',
  ],
  ['adduser', '-S', '-D', '-H', '-h', home, '-s', '/sbin/nologin'],
];

/** Reading or adding a line of /etc/passwd takes milliseconds; a directory service may take seconds. */
const timeoutMs = 10_000;
/** Another Parley may be adding the same user at this moment, and holds the lock of /etc/passwd. */
const attempts = 5;

/** Makes the user if it is missing. Only root can call this. Throws a StartError if it cannot be made. */
export async function osUser(): Promise<NonNullable<RunAs>> {
  let reason = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const found = await lookUp();
    if (found) return found;
    reason = await create();
    if (reason) await pause(200);
  }
  throw startError(
    `PostgreSQL may not run as root, and the system user ${osUserName} cannot be made (${reason}): make it by hand, start Parley as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

async function lookUp(): Promise<NonNullable<RunAs> | undefined> {
  const [uid, gid] = await Promise.all([
    run('id', ['-u', osUserName], { timeoutMs }),
    run('id', ['-g', osUserName], { timeoutMs }),
  ]);
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}

/** The reason if it failed, otherwise nothing. */
async function create(): Promise<string> {
  let reason = '';
  for (const [command, ...args] of commands) {
    const { ok, output } = await run(command, [...args, osUserName], { timeoutMs });
    if (ok) return '';
    reason ||= output;
  }
  return reason;
}
