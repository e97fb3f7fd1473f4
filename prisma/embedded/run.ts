import { type SpawnOptions, spawn } from 'node:child_process';

/** The OS user a child process runs as; absent: whoever runs Parley. */
export type RunAs = { readonly uid: number; readonly gid: number } | undefined;

export type Finished = { readonly ok: boolean; readonly output: string };

/** Enough of the end of an output to say what went wrong. */
const maxOutputChars = 16_384;

/**
 * How every child of the embedded PostgreSQL is started: in a process group of its own, so that Ctrl-C in a terminal
 * reaches only Node, which then stops things in order; with a small fixed environment, so that neither somebody's
 * `PGPORT` nor a foreign language changes what it does; and in `/`, because the OS user may not enter our folder.
 */
export const childOptions = (as: RunAs) =>
  ({
    ...as,
    cwd: '/',
    detached: true,
    env: { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
  }) satisfies SpawnOptions;

/**
 * Runs a program to its end. Never rejects: a program that cannot be started has `ok: false` and says why. One that has
 * not ended after `timeoutMs` is killed.
 */
export function run(file: string, args: readonly string[], options: { as?: RunAs; timeoutMs: number }) {
  return new Promise<Finished>((resolve) => {
    let output = '';
    const child = spawn(file, args, { ...childOptions(options.as), stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-maxOutputChars);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    const finish = (ok: boolean, more = '') => {
      clearTimeout(timer);
      resolve({ ok, output: `${output}${more}`.trim() });
    };
    child.once('error', (error) => finish(false, error.message));
    child.once('close', (code, signal) => finish(code === 0, signal ? `ended by ${signal}` : ''));
  });
}
