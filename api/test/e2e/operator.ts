import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { closeAtEnd } from './running.ts';

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A minute is more than any command takes here. */
const patienceMs = 60_000;
/** The system's programs, for what a command starts by name. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The last word of a script: it is started with `tsx`. */
async function programOf(script: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
  const found = /&& tsx (\S+\.ts)$/.exec(scripts[script] ?? '')?.[1];
  if (found === undefined) throw new Error(`package.json starts no program for ${script}.`);
  return found;
}

type Call = { readonly input?: string; readonly settings?: Readonly<Record<string, string>> };

/** A folder as an operator has it: a server with the embedded database, and the commands beside it. */
export async function openFolder() {
  const folder = await makeTempFolder();
  closeAtEnd({ close: folder.remove });
  const port = await freePort();

  /** Runs what `npm run` runs, in this folder, to its end. */
  async function run(script: string, args: readonly string[], call: Call = {}) {
    const program = join(packageRoot, await programOf(script));
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, ...args], {
      cwd: folder.path,
      env: { PATH: path, ...call.settings },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: patienceMs,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(call.input ?? '');
    const [code] = await once(child, 'close');
    return { code, stdout, stderr } as Ran;
  }

  async function start(more: Readonly<Record<string, string>> = {}) {
    const settings = { DEMO: 'off', LOG_LEVEL: 'warn', ...more };
    const server = await startServerProcess({ from: 'source', folder: folder.path, port, settings });
    closeAtEnd({ close: server.stop });
    return server;
  }
  return { path: folder.path, run, start };
}
export type Folder = Awaited<ReturnType<typeof openFolder>>;

/** Runs a command that must succeed. */
export async function done(running: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(`Exit code ${code}: ${stderr}`);
  return stdout;
}
