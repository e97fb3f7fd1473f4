import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../bench/server-process.ts';
import { openEmbeddedPostgres } from '../../../prisma/embedded-postgres.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { type Instruction, readDockerfile, readIgnored, type Stage } from './dockerfile.ts';

// npm run image:rehearse. Does what the Dockerfile says, in temporary folders and without Docker: it copies what may be copied, runs
// what is to be run, starts the result as another OS user over a PostgreSQL, and asks its health check. Two to five minutes, most
// of them for `npm ci`, twice. What it cannot show: that the base image is there, and what that has and lacks.

const run = promisify(execFile);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** What `WORKDIR` names; each stage has a folder of its own in its place. */
const workdir = '/srv/parley';
const path = `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`;
const maxOutput = 64 * 1_024 * 1_024;

const ignored = readIgnored().map((line) => {
  const pattern = line.replace(/^!/, '').replaceAll('.', '\\.').replaceAll('**/', '(.+/)?');
  const matches = new RegExp(`^${pattern.replaceAll(/(?<![)+])\*/g, '[^/]*')}(/.*)?$`);
  return { isLetIn: line.startsWith('!'), matches };
});
/** The last line that says something of it counts. */
const isInContext = (file: string) =>
  file === '' || (ignored.findLast(({ matches }) => matches.test(file))?.isLetIn ?? true);

type Building = { readonly folder: string; readonly folders: ReadonlyMap<string, string> };

/** A folder's content goes into the folder that is named; a file goes into it under its own name. */
async function copy(rest: string, { folder, folders }: Building): Promise<void> {
  const words = rest.split(' ');
  const from = /^--from=(\S+)$/.exec(words[0] ?? '')?.[1];
  const [sources, target = '.'] = [words.slice(from === undefined ? 0 : 1, -1), words.at(-1)];
  const root = from === undefined ? packageRoot : folders.get(from);
  if (root === undefined) throw new Error(`There is no stage ${from}.`);
  for (const source of sources) {
    const found = join(root, relative(workdir, join(workdir, source.replace(workdir, '.'))));
    const isFile = (await stat(found)).isFile();
    const to = join(folder, target, isFile ? basename(found) : '');
    await mkdir(join(to, '..'), { recursive: true });
    const filter = (one: string) => from !== undefined || isInContext(relative(packageRoot, one));
    await cp(found, to, { recursive: true, filter, verbatimSymlinks: true });
  }
}

async function follow({ name, rest }: Instruction, building: Building): Promise<void> {
  if (name === 'COPY') await copy(rest, building);
  if (name !== 'RUN') return;
  const started = performance.now();
  const env = { PATH: path, HOME: building.folder };
  await run('sh', ['-c', rest], { cwd: building.folder, env, maxBuffer: maxOutput });
  say(`${rest}: ${Math.round((performance.now() - started) / 1_000)} s`);
}

/** Each stage, one after the other. Resolves with the folder of the last one. */
async function build(stages: readonly Stage[], temporary: string): Promise<string> {
  const folders = new Map<string, string>();
  let folder = '';
  for (const [nth, { name = 'image', from, instructions }] of stages.entries()) {
    folder = join(temporary, `${nth}-${name}`);
    const below = folders.get(from);
    if (below === undefined) await mkdir(folder);
    else await cp(below, folder, { recursive: true, verbatimSymlinks: true });
    folders.set(name, folder);
    for (const instruction of instructions) await follow(instruction, { folder, folders });
  }
  return folder;
}

/** Nobody's, where this runs as root. */
const somebodyElse = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const readySeconds = 60;

/** The command of the image, as its health check sees it. */
async function start(folder: string, last: Stage): Promise<void> {
  const of = (name: string) => last.instructions.find((one) => one.name === name)?.rest ?? '';
  const data = await makeTempFolder();
  const postgres = await openEmbeddedPostgres({ dataDir: data.path, onNotice: say, isDurable: false });
  const own = Object.fromEntries(
    of('ENV')
      .split(' ')
      .map((pair) => pair.split('=')),
  );
  const env = { ...own, PATH: path, PORT: String(await freePort()), DATABASE_URL: postgres.url };
  const [command, ...args]: string[] = JSON.parse(of('CMD'));
  const [probe, ...probing]: string[] = JSON.parse(/CMD (\[.*\])$/.exec(of('HEALTHCHECK'))?.[1] ?? '[]');
  const server = spawn(command ?? '', args, {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...somebodyElse,
  });
  try {
    const isHealthy = () =>
      run(probe ?? '', probing, { cwd: folder, env }).then(
        () => true,
        () => false,
      );
    for (let second = 0; !(await isHealthy()); second += 1) {
      if (server.exitCode !== null || second === readySeconds) throw new Error('It is not healthy.');
      await pause(1_000);
    }
    say('It is healthy.');
  } finally {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill('SIGTERM')) say(`It ended with ${await ended}.`);
    await postgres.close();
    await data.remove();
  }
}

const temporary = await makeTempFolder();
try {
  const stages = readDockerfile();
  const folder = await build(stages, temporary.path);
  const last = stages.at(-1);
  if (last === undefined) throw new Error('The Dockerfile has no stage.');
  const { stdout } = await run('du', ['-sm', folder, join(folder, 'node_modules')]);
  say(`Megabytes, besides those of the base image:\n${stdout.replaceAll(temporary.path, '').trim()}`);
  await start(folder, last);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await temporary.remove();
}
