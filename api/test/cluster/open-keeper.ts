import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Keeper } from '../../../bench/server-process.ts';
import { packageRoot } from '../../../prisma/package-root.ts';

export type OpenKeeper = Keeper & {
  /** To be called when everything has ended: the folders go, and the keeper, too. */
  close(): Promise<void>;
};

const program = join(packageRoot, 'api', 'test', 'cluster', 'keeper.mjs');

/** See keeper.mjs. */
export function openKeeper(postgresFile: string): OpenKeeper {
  const child = spawn(process.execPath, [program, postgresFile], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    detached: true, // a Ctrl-C is not for it
  });
  const tell = orderer(child);
  const ended = once(child, 'exit');
  return {
    keep(kept) {
      tell(`keep ${kept.pid}`);
      kept.once('exit', () => tell(`forget ${kept.pid}`)); // its id may be somebody else's soon
    },
    sweep: (folder) => tell(`sweep ${folder}`),
    async close() {
      child.stdin?.end();
      await ended;
    },
  };
}

function orderer({ stdin }: ChildProcess): (order: string) => void {
  // Without a keeper everything works; only after a kill -9 of this process something is left.
  stdin?.on('error', () => undefined);
  return (order) => void (stdin?.writable && stdin.write(`${order}\n`));
}
