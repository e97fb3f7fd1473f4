import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { platform } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { type ServerProcess, startServer } from '../e2e/server-process.ts';

// O3: a whole server with metrics, as it is started, seen from outside: what is open, and what can be had there.

let server: ServerProcess;
let publicUrl: URL;
let metricsUrl: URL;
const closers: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const database = await openTestDatabase();
  const folder = await makeTempFolder();
  const port = await freePort();
  server = startServer(folder.path, { DATABASE_URL: database.url, METRICS_PORT: String(port) });
  closers.push(server.close, folder.remove, database.close);
  publicUrl = new URL(await server.url);
  metricsUrl = new URL(`http://127.0.0.1:${port}/metrics`);
}, 60_000);
afterAll(async () => {
  for (const close of closers) await close();
});

const inside = [
  '/metrics',
  '/metrics/',
  '//metrics',
  '/graphql/metrics',
  '/graphql/../metrics',
  '/%6detrics',
  '/health',
  '/healthz',
  '/status',
  '/debug',
  '/debug/pprof/heap',
  '/json',
  '/json/version',
  '/json/list',
  '/admin',
  '/.env',
  '/package.json',
  '/server-status',
];

/** What is said to a request of these very words: `fetch` would tidy the path up. */
function statusOf({ port, hostname }: URL, firstLine: string, ...more: readonly string[]): Promise<string> {
  const connection = connect(Number(port), hostname);
  connection.write(
    [firstLine, `Host: ${hostname}:${port}`, 'Connection: close', ...more, '', ''].join('\r\n'),
  );
  let said = '';
  return new Promise((resolve) => {
    connection.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    connection.on('error', () => undefined);
    connection.on('close', () => resolve(said));
  });
}
const nothing = /^HTTP\/1\.1 404 Not Found\r\n(?:[\w-]+: [^\r]*\r\n)*\r\n(?:0\r\n\r\n)?$/;

describe('O3: the public port', () => {
  it.for(inside)('has nothing at %s, by any method', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'TRACE'])
      expect(await statusOf(publicUrl, `${method} ${path} HTTP/1.1`), method).toMatch(nothing);
  });

  it('tells of its health yes or no, and nothing else', async () => {
    for (const path of ['/livez', '/readyz']) {
      const answer = await fetch(new URL(path, publicUrl));
      expect([answer.status, await answer.text()]).toEqual([200, '']);
    }
  });

  it('tells nothing in headers of what it is made of', async () => {
    const answer = await fetch(publicUrl, { headers: { accept: 'text/html' } });
    await answer.arrayBuffer();
    for (const name of ['server', 'x-powered-by', 'via']) expect(answer.headers.get(name)).toBeNull();
  });
});

describe('O3: the port of the metrics', () => {
  it('has the metrics, and nothing else: no GraphQL, no page, no socket', async () => {
    expect(await (await fetch(metricsUrl)).text()).toContain('parley_sockets_open 0');
    for (const path of [...inside.filter((one) => one !== '/metrics'), '/', '/graphql', '/livez', '/readyz'])
      expect(await statusOf(metricsUrl, `GET ${path} HTTP/1.1`), path).toMatch(nothing);
    const query = '/graphql?query={server{version}}';
    expect(await statusOf(metricsUrl, `GET ${query} HTTP/1.1`)).toMatch(nothing);
    const upgrade = [
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    for (const path of ['/graphql', '/metrics']) {
      const said = await statusOf(metricsUrl, `GET ${path} HTTP/1.1`, ...upgrade);
      expect(said).not.toMatch(/ 101 /);
    }
  });
});

describe('O3: the process', () => {
  it('listens at these two ports, and at no other: not for a debugger either', async (context) => {
    context.skip(platform() !== 'linux', 'only Linux tells in /proc what a process listens at');
    const ports = [publicUrl.port, metricsUrl.port].map(Number);
    expect((await listeningPorts(server.pid)).sort()).toEqual(ports.sort());
  });
});

/** The ports at which a process listens, as Linux tells. */
async function listeningPorts(pid: number): Promise<number[]> {
  const files = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === '0A' && own.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
    }),
  );
}
