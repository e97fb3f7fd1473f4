import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../prisma/package-root.ts';
import { makeTempFolder } from '../prisma/temp-folder.ts';
import { readConfig, settings } from './config.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function fileWith(text: string): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  const file = join(path, 'secret');
  await writeFile(file, text);
  await chmod(file, 0o600);
  return file;
}

/** The problems that reading these settings ends in, without the heading. */
function problemsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(1) : [String(error)];
  }
}

const url = 'postgresql://parley:secret@db.example:5432/parley';

describe('the settings', () => {
  it('have a meaning when nothing is set', () => {
    expect(readConfig({})).toMatchObject({ PORT: 4000, HOST: '127.0.0.1', isEmbedded: true, DEMO: true });
  });

  it('name nodes of Cassandra with and without a port, as docker-compose.yml does', () => {
    const compose = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
    const [, there = ''] = /`CASSANDRA_CONTACT_POINTS=(\S+)`/.exec(compose) ?? [];
    for (const list of [there, 'one.example:9043, 10.0.0.2', '[::1]:9042,[fd00::2]'])
      expect(readConfig({ CASSANDRA_CONTACT_POINTS: list }).CASSANDRA_CONTACT_POINTS).toEqual(
        list.split(/, */),
      );
    for (const list of ['one.example:port', 'http://one.example', 'one two', 'one.example,'])
      expect(problemsOf({ CASSANDRA_CONTACT_POINTS: list }), list).toEqual([
        expect.stringContaining('CASSANDRA_CONTACT_POINTS must be nodes such as'),
      ]);
  });

  it('count as absent when they are empty', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '', DEMO: '' })).toEqual(readConfig({}));
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it('are all complained about at once, a line each, without repeating secrets', () => {
    const env = {
      PORT: 'many',
      DEMO: 'maybe',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://me:hush@db/x',
      FRAMES_BURST: '0',
    };
    expect(problemsOf(env).sort()).toEqual([
      '- DATABASE_URL must look like postgresql://user:password@host:5432/name.',
      '- DEMO must be on or off.',
      '- FRAMES_BURST must be at least 1.',
      '- LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.',
      '- PORT must be a whole number from 0 to 65535.',
    ]);
  });

  it.for([
    ['1.5', ['- PORT must be a whole number from 0 to 65535.']],
    ['70000', ['- PORT must be at most 65535.']],
    ['-1', ['- PORT must be at least 0.']],
    ['0', []],
  ] as const)('PORT=%s: %j', ([PORT, problems]) => expect(problemsOf({ PORT })).toEqual(problems));

  it.for([
    ['redis://redis.example', []],
    ['rediss://me:hush@redis.example:6380/2', []],
    ['https://redis.example', ['- REDIS_URL must look like redis://user:password@host:6379.']],
    ['redis.example:6379', ['- REDIS_URL must look like redis://user:password@host:6379.']],
  ] as const)('REDIS_URL=%s: %j', ([REDIS_URL, problems]) =>
    expect(problemsOf({ REDIS_URL })).toEqual(problems),
  );

  it('take a secret from a file', async () => {
    const { DATABASE_URL, isEmbedded } = readConfig({ DATABASE_URL_FILE: await fileWith(`${url}\n`) });
    expect({ DATABASE_URL, isEmbedded }).toEqual({ DATABASE_URL: url, isEmbedded: false });
  });

  it('complain about a secret that is there twice, or in a file that is not there', async () => {
    const file = await fileWith(url);
    expect(problemsOf({ DATABASE_URL: url, DATABASE_URL_FILE: file })).toEqual([
      '- DATABASE_URL and DATABASE_URL_FILE are both set: remove one.',
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: `${file}-gone` })).toEqual([
      `- DATABASE_URL_FILE names ${file}-gone, which cannot be read: correct the path or its permissions.`,
    ]);
  });

  it('name origins one by one', () => {
    const { ALLOWED_ORIGINS } = readConfig({ ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080' });
    expect(ALLOWED_ORIGINS).toEqual(['https://a.example', 'http://b.example:8080']);
    expect(problemsOf({ ALLOWED_ORIGINS: 'https://a.example/chat' })).toHaveLength(1);
  });

  it('name proxies by address or range', () => {
    const { TRUSTED_PROXIES } = readConfig({ TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1' });
    expect(TRUSTED_PROXIES).toEqual(['10.0.0.0/8', '2001:db8::1']);
    for (const wrong of ['10.0.0.0/33', 'proxy.example', '10.0.0.1 10.0.0.2', '10.0.0.1,'])
      expect(problemsOf({ TRUSTED_PROXIES: wrong })).toEqual([
        '- TRUSTED_PROXIES must be addresses or ranges such as 10.0.0.0/8, with commas between them.',
      ]);
  });
});

describe('only chosen documents', () => {
  const chosen = { PERSISTED_DOCUMENTS: 'documents.json', PERSISTED_ONLY: 'on' };

  it.for([
    [{}, { PERSISTED_ONLY: false, GRAPHIQL: true, INTROSPECTION: true, WEB_DEMO: undefined }],
    [
      { PERSISTED_DOCUMENTS: 'documents.json' },
      { PERSISTED_ONLY: false, GRAPHIQL: true, INTROSPECTION: true },
    ],
    [chosen, { PERSISTED_ONLY: true, GRAPHIQL: false, INTROSPECTION: false, WEB_DEMO: false }],
    [
      { PERSISTED_ONLY: 'on', WEB_DEMO: 'on' },
      { PERSISTED_ONLY: true, GRAPHIQL: false, INTROSPECTION: false, WEB_DEMO: true },
    ],
    [{ WEB_DEMO: 'off' }, { WEB_DEMO: false }],
    [{ WEB_DEMO: 'on' }, { WEB_DEMO: true }],
    [
      { ...chosen, GRAPHIQL: 'off', INTROSPECTION: 'on' },
      { GRAPHIQL: false, INTROSPECTION: true },
    ],
  ] as const)('%j means %j', ([env, expected]) => expect(readConfig(env)).toMatchObject(expected));

  it.for([
    [{ PERSISTED_ONLY: 'on' }, 'name their file in PERSISTED_DOCUMENTS, or set WEB_DEMO=on'],
    [{ PERSISTED_ONLY: 'on', WEB_DEMO: 'off' }, 'name their file in PERSISTED_DOCUMENTS'],
    [{ ...chosen, GRAPHIQL: 'on' }, 'GRAPHIQL=on cannot work with PERSISTED_ONLY=on'],
  ] as const)('are refused for %j', ([env, words]) => expect(problemsOf(env).join()).toContain(words));
});

describe('.env.example', () => {
  it('has every setting with its meaning and its default, and no other', () => {
    const defaults = new Map<string, unknown>(Object.entries(readConfig({})));
    const shown = (value: unknown) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : (value ?? ''));
    const blocks = settings.map(({ name, meaning }) => `# ${meaning}\n#${name}=${shown(defaults.get(name))}`);
    const [, ...found] = readFileSync(join(packageRoot, '.env.example'), 'utf8').trim().split('\n\n');
    expect(found).toEqual(blocks);
  });
});

describe('demo people', () => {
  it.for([
    [{}, true],
    [{ HOST: 'localhost' }, true],
    [{ HOST: '127.0.0.2' }, true],
    [{ HOST: '::1' }, true],
    [{ HOST: '0.0.0.0' }, false],
    [{ HOST: '::' }, false],
    [{ PUBLIC_URL: 'https://chat.example' }, false],
    [{ PUBLIC_URL: 'http://[::1]:4000' }, true],
    [{ PUBLIC_URL: 'http://localhost:4000' }, true],
    [{ HOST: 'chat.example' }, false],
    [{ DEMO: 'off' }, false],
    [{ DATABASE_URL: url }, false],
  ] as const)('%j: %s', ([env, expected]) => expect(readConfig(env).DEMO).toBe(expected));

  it.for([
    [{ DEMO: 'on', HOST: '0.0.0.0' }, 'for this computer only'],
    [{ DEMO: 'on', HOST: '192.168.1.5' }, 'for this computer only'],
    [{ DEMO: 'on', PUBLIC_URL: 'https://chat.example' }, 'for this computer only'],
    [{ DEMO: 'on', DATABASE_URL: url }, 'for the embedded database only'],
  ] as const)('are refused for %j', ([env, words]) => expect(problemsOf(env).join()).toContain(words));
});
