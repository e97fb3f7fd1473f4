import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { openEmbeddedPostgres } from '../../../prisma/embedded-postgres.ts';
import { packageRoot } from '../../../prisma/package-root.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { signUp } from '../client/people.ts';
import { missingRedis, startRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';

const run = promisify(execFile);
const path = '/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin';
const inDocker = (...names: readonly string[]) => join(packageRoot, '.docker', ...names);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const folder = await makeTempFolder();
  closers.push(folder.remove);
  return folder.path;
}

/** Secrets as whoever sets a fleet up makes them. */
async function makeSecrets(): Promise<string> {
  const folder = join(await tempFolder(), 'secrets');
  await run(inDocker('make-secrets.sh'), [folder], { env: { PATH: path } });
  return folder;
}
const read = (folder: string, name: string) => readFile(join(folder, name), 'utf8');

describe('make-secrets.sh', () => {
  it('makes everything once, in a folder for its owner only', async () => {
    const folder = await makeSecrets();
    expect((await readdir(folder)).sort()).toEqual([
      'certificate.pem',
      'database-url',
      'postgres-password',
      'redis-url',
      'redis-users.acl',
    ]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await read(folder, 'certificate.pem')).toMatch(/BEGIN CERTIFICATE.*BEGIN PRIVATE KEY/s);
    const again = run(inDocker('make-secrets.sh'), [folder], { env: { PATH: path } });
    await expect(again).rejects.toThrow(/there already/);
    expect(await read(await makeSecrets(), 'database-url')).not.toBe(await read(folder, 'database-url'));
  });
});

describe('the Redis of docker-compose.yml', { timeout: 90_000 }, () => {
  requires('redis', missingRedis);
  const logged: string[] = [];

  async function world() {
    const folder = await makeSecrets();
    const text = await readFile(inDocker('redis', 'redis.conf'), 'utf8');
    const config = join(folder, 'redis.conf');
    await writeFile(config, text.replaceAll('/run/secrets', folder));
    const redis = await startRedis([config]);
    closers.push(redis.close);
    const url = new URL((await read(folder, 'redis-url')).trim());
    return { redis, url };
  }
  async function connect(
    { redis, url }: Awaited<ReturnType<typeof world>>,
    username: string,
    password: string,
  ) {
    const client = new Redis({
      port: redis.port,
      username,
      password,
      lazyConnect: true,
      retryStrategy: null,
      enableReadyCheck: username === 'parley', // which asks for more than others may
    });
    client.on('error', () => undefined);
    closers.push(async () => client.disconnect());
    await client.connect();
    return { client, url };
  }

  it('takes the servers, and lets them do what they do', async () => {
    const fleet = await world();
    const { client } = await connect(fleet, fleet.url.username, fleet.url.password);
    expect(await client.set('parley:channel:1', '7', 'PX', 1_000)).toBe('OK');
    expect(await client.mget('parley:channel:1')).toEqual(['7']);
    expect(await client.eval('return redis.call("incr", KEYS[1])', 1, 'parley:counter')).toBe(1);
    expect(await client.publish('parley:channel:1', 'hint')).toBe(0);
    expect(await client.subscribe('parley:channel:1')).toBe(1);
  });

  it('is enough for a server', async () => {
    const { redis, url } = await world();
    const database = await openTestDatabase();
    closers.push(database.close);
    url.host = `127.0.0.1:${redis.port}`;
    const server = await startServerProcess({
      from: 'source',
      folder: await tempFolder(),
      port: await freePort(),
      settings: { DATABASE_URL: database.url, REDIS_URL: url.href, LOG_LEVEL: 'warn' },
      onLog: (line) => logged.push(line),
    });
    closers.push(server.stop);
    const { session } = await signUp(server.httpUrl, 'ann');
    expect(session.accessToken).not.toBe('');
    expect(await server.stop()).toBe(0);
    expect(logged).toEqual([]); // nothing that it was not allowed to do
  });

  it('takes nobody else, and lets nobody throw everything away', async () => {
    const fleet = await world();
    await expect(connect(fleet, 'parley', 'guessed')).rejects.toThrow(/WRONGPASS|closed/);
    expect(await fleet.redis.tell('GET parley:channel:1')).toMatch(/^-NOAUTH/);
    const { client } = await connect(fleet, fleet.url.username, fleet.url.password);
    await expect(client.get('of.others')).rejects.toThrow(/NOPERM/);
    for (const command of ['FLUSHALL', 'FLUSHDB', 'CONFIG', 'DEBUG'])
      await expect(client.call(command), command).rejects.toThrow(/unknown command|NOPERM/);
    for (const [command, ...args] of [['SHUTDOWN'], ['KEYS', '*'], ['MONITOR'], ['ACL', 'LIST']] as const)
      await expect(client.call(command, ...args), command).rejects.toThrow(/NOPERM/);
  });

  it('tells its health check that it is there, and nothing else', async () => {
    const { client } = await connect(await world(), 'health', 'none');
    expect(await client.ping()).toBe('PONG');
    await expect(client.get('parley:channel:1')).rejects.toThrow(/NOPERM/);
  });
});

const missingPsql = await run('psql', ['--version'], { env: { PATH: path } }).then(
  () => undefined,
  () => 'there is no psql: install the package postgresql-client of Debian.',
);

/** The one that comes along calls its owner as the servers call themselves elsewhere. */
async function asInContainers(url: string): Promise<URL> {
  const admin = new URL(url);
  const statements = [
    `CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '${admin.password}'`,
    `ALTER ROLE ${admin.username} RENAME TO embedded`,
  ];
  for (const statement of statements) {
    const client = new pg.Client({ connectionString: admin.href });
    await client.connect();
    await client.query(statement);
    await client.end();
    admin.username = 'postgres';
  }
  return admin;
}

describe('the PostgreSQL of docker-compose.yml', { timeout: 60_000 }, () => {
  requires('psql', missingPsql);

  it('gives the servers a role that owns its schema and nothing else', async () => {
    const folder = await makeSecrets();
    const dataDir = await tempFolder();
    const postgres = await openEmbeddedPostgres({ dataDir, onNotice: () => undefined, isDurable: false });
    closers.push(postgres.close);
    const admin = await asInContainers(postgres.url);
    const env = {
      PATH: path,
      DATABASE_URL_FILE: join(folder, 'database-url'),
      POSTGRES_USER: admin.username,
      ...{ PGHOST: admin.hostname, PGPORT: admin.port, PGPASSWORD: admin.password },
    };
    await run('bash', [inDocker('postgres', 'make-role.sh')], { env });
    const url = new URL((await read(folder, 'database-url')).trim());
    expect(url.host).toBe('postgres:5432');
    url.host = admin.host;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    closers.push(() => client.end());
    await client.query('CREATE TABLE message (id bigint); DROP TABLE message');
    const { rows } = await client.query(
      'SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user',
    );
    expect(Object.values(rows[0])).toEqual([false, false, false, false]);
    await expect(client.query('CREATE DATABASE another')).rejects.toThrow(/permission denied/);
  });
});

describe('the Cassandra of docker-compose.yml', () => {
  it('has the settings of the log in place of its own, however often it starts', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'bin'));
    const entry = join(folder, 'bin', 'docker-entrypoint.sh');
    await writeFile(entry, '#!/bin/sh\necho "starts $*"\n');
    await chmod(entry, 0o755);
    const conf = join(folder, 'cassandra.yaml');
    const own = [
      'cluster_name: Test Cluster',
      '# commitlog_sync: group',
      'commitlog_sync: periodic',
      'commitlog_sync_period: 10000ms',
      'authenticator:',
      '  class_name: AllowAllAuthenticator',
      'disk_failure_policy: stop',
      'commit_failure_policy: stop',
    ];
    await writeFile(conf, own.join('\n'));
    const env = { PATH: `${join(folder, 'bin')}:${path}`, CASSANDRA_CONF: folder };
    for (const _ of ['first', 'again']) {
      const { stdout } = await run('bash', [inDocker('cassandra', 'start.sh')], { env });
      expect(stdout).toBe('starts cassandra -f\n');
      expect(parse(await readFile(conf, 'utf8'))).toEqual({
        cluster_name: 'Test Cluster',
        authenticator: { class_name: 'AllowAllAuthenticator' },
        commitlog_sync: 'batch',
        disk_failure_policy: 'die',
        commit_failure_policy: 'die',
        paxos_variant: 'v2',
        paxos_state_purging: 'repaired',
        auto_snapshot: true,
      });
    }
  });
});
