import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../../prisma/package-root.ts';

export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type ServerProcess = {
  readonly pid: number;
  /** Where GraphQL is. Rejects when the process ends instead of starting. */
  readonly url: Promise<string>;
  readonly exited: Promise<Outcome>;
  signal(name: NodeJS.Signals): void;
  /** Stops it in order if it still runs. */
  close(): Promise<void>;
};

/**
 * A real server in a process of its own, as `npm start` runs it after compiling. `folder` is its working directory, and
 * so the place of `.data`. It takes a free port unless `env` says otherwise.
 */
export function startServer(folder: string, env: Readonly<Record<string, string>> = {}): ServerProcess {
  const args = ['--import', import.meta.resolve('tsx'), join(packageRoot, 'api', 'main.ts')];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PORT: '0', WEB_DEMO: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = once(child, 'close').then(([code]): Outcome => ({ code, stdout, stderr }));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      const found = /^(?:Parley runs|GraphQL): (\S+\/graphql)$/m.exec(stdout)?.[1];
      if (found) resolve(found);
    });
    void exited.then(() => reject(new Error(`the server ended: ${stderr}`)));
  });
  url.catch(() => undefined); // whoever is interested in it waits for it
  const close = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  return { pid: child.pid ?? 0, url, exited, signal: (name) => child.kill(name), close };
}
