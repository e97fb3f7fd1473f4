import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunAs, run } from '../embedded/run.ts';
import { packageRoot } from '../package-root.ts';

export type Words = {
  readonly url: string;
  readonly dataDir: string;
  readonly error: string;
  readonly notices: readonly string[];
};
export type Parent = Words & {
  readonly pid: number;
  /** Closes PostgreSQL in order and waits for the end of the process. */
  end(): Promise<void>;
  /** As `kill -9`, and waits for the end of the process. */
  kill(): Promise<void>;
};

type Options = { readonly as?: RunAs; readonly checkout?: string };

/** Runs embedded-parent.ts of this checkout or of another one, and resolves with what it says. */
export async function startParent(
  dataDir: string,
  { as, checkout = packageRoot }: Options = {},
): Promise<Parent> {
  const file = join(checkout, 'prisma', 'test', 'embedded-parent.ts');
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), file, dataDir], {
    ...as,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(() => ['{"error":"it ended without a word"}']),
  ]);
  const words: Words = JSON.parse(String(line));
  const end = async () => {
    child.stdin.end();
    await exited;
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { ...words, pid: child.pid ?? 0, end, kill };
}

/** The process id that PostgreSQL left in its data directory. */
export async function postgresPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8'), 10);
}

/** An ordinary user that every system has. */
export const nobody = { uid: 65_534, gid: 65_534 };

export const isRoot = process.getuid?.() === 0;

/** Why tests cannot run this checkout as another user; nothing if they can. */
export async function whyNotAsNobody(): Promise<string> {
  if (!isRoot) return 'only root can become another user';
  const read = await run('/bin/sh', ['-c', 'cd -- "$1" && [ -r package.json ]', 'sh', packageRoot], {
    as: nobody,
    timeoutMs: 10_000,
  });
  const node = await run(process.execPath, ['--version'], { as: nobody, timeoutMs: 10_000 });
  return read.ok && node.ok ? '' : 'another user cannot enter this checkout, or cannot run this Node';
}
