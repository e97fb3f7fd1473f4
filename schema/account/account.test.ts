import { verify } from '@node-rs/argon2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceIdOf, sessionIdOf, userIdOf, viewerIdOf } from '../ids.ts';
import { openWorld, password, type World } from '../test/world.ts';
import { createPasswords } from './passwords.ts';

// Only watched: it does its work all the same.
vi.mock('@node-rs/argon2', { spy: true });

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const device = { label: 'A browser', platform: 'WEB' };
const ada = { handle: 'Ada', displayName: ' Ada Lovelace ', password, device };
const signedIn = `session { accessToken device { label platform isCurrent } }
  viewer { id user { id handle displayName colour } }`;
const refused =
  '... on UserError { __typename code explanation } ... on InvalidInput { field } ... on Denied { until }';
const signUp = `mutation ($input: SignUpInput!) { signUp(input: $input) { ... on SignUpPayload { ${signedIn} } ${refused} } }`;
const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignInPayload { ${signedIn} } ${refused} } }`;

describe('signing up', () => {
  it('makes an account that is signed in at once', async () => {
    const answer = await world.anonymous.execute(signUp, { input: ada });
    expect(answer).toMatchObject({
      data: {
        signUp: {
          session: { device: { label: 'A browser', platform: 'WEB', isCurrent: true } },
          viewer: { user: { handle: 'Ada', displayName: 'Ada Lovelace' } },
        },
      },
    });
    expect(answer.errors).toBeUndefined();
  });

  it('gives each handle once, whatever its case, also when two ask at once', async () => {
    const asked = await Promise.all(
      ['ada', 'ADA', 'aDa', 'Ada'].map((handle) =>
        world.anonymous.execute<{ signUp: object }>(signUp, { input: { ...ada, handle } }),
      ),
    );
    const answers = asked.map(({ data }) => data.signUp);
    expect(answers.filter((answer) => 'viewer' in answer)).toHaveLength(1);
    const taken = { __typename: 'InvalidInput', code: 'HANDLE_TAKEN', field: ['handle'] };
    expect(answers.filter((answer) => !('viewer' in answer))).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining(taken)),
    );
  });

  it.for([
    [{ handle: 'a b' }, 'MALFORMED', ['handle']],
    [{ displayName: ' ' }, 'EMPTY', ['displayName']],
    [{ password: 'short' }, 'MALFORMED', ['password']],
    [{ device: { label: '', platform: 'WEB' } }, 'EMPTY', ['device', 'label']],
    [{ device: { label: 'x'.repeat(65), platform: 'WEB' } }, 'TOO_LONG', ['device', 'label']],
  ] as const)('refuses %j and makes nothing', async ([wrong, code, field]) => {
    const { data } = await world.anonymous.execute(signUp, { input: { ...ada, ...wrong } });
    expect(data).toEqual({
      signUp: { __typename: 'InvalidInput', code, field, explanation: expect.stringMatching(/\.$/) },
    });
    expect(await world.product.prisma.user.count()).toBe(0);
  });

  it('keeps a password as an argon2id hash of its own salt, at the cost that OWASP asks for', async () => {
    const passwords = createPasswords();
    const hashes = await Promise.all([passwords.hash(password), passwords.hash(password)]);
    for (const hash of hashes) {
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      expect(await passwords.matches(hash, password)).toBe(true);
      expect(await passwords.matches(hash, `${password}!`)).toBe(false);
    }
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  it('takes a password however a keyboard composes its characters', async () => {
    const passwords = createPasswords({ memoryKib: 8, passes: 1 });
    const hash = await passwords.hash('Z\u00fcrich, \u00e9t\u00e9');
    expect(await passwords.matches(hash, 'Zu\u0308rich, e\u0301te\u0301')).toBe(true);
  });
});

describe('signing in', () => {
  const attempt = async (input: object, asker = world.anonymous) =>
    (await asker.execute<{ signIn: object }>(signIn, { input: { password, device, ...input } })).data.signIn;

  it('knows people by their handle in any case', async () => {
    const { userId } = await world.signUp('Ada');
    expect(await attempt({ handle: 'aDA' })).toMatchObject({ viewer: { user: { id: userId } } });
  });

  it('answers the same after the same work to a wrong password and to an unknown handle', async () => {
    await world.signUp('ada');
    const tried = [
      { handle: 'ada', password: 'not this one' },
      { handle: 'bob' },
      { handle: 'no\u0000body' },
    ];
    for (const input of tried) {
      vi.mocked(verify).mockClear();
      expect(await attempt(input)).toEqual({
        __typename: 'Denied',
        code: 'WRONG_CREDENTIALS',
        explanation: 'The handle or the password is wrong.',
        until: null,
      });
      expect(verify).toHaveBeenCalledTimes(1);
    }
    const costs = vi.mocked(verify).mock.calls.map(([hash]) => String(hash).split('$').slice(0, 4).join('$'));
    expect(new Set(costs)).toEqual(new Set(['$argon2id$v=19$m=8,t=1,p=1']));
  });

  it('turns away whoever would wait too long for a hash, and takes them later', async () => {
    const waiting = Array.from({ length: 202 }, () => world.product.passwords.hash(password));
    const { data } = await world.anonymous.execute(signUp, { input: ada });
    expect(data).toMatchObject({ signUp: { code: 'RATE_LIMITED', until: expect.any(String) } });
    expect(await Promise.all(waiting)).not.toContain('busy');
    await world.anonymous.execute(signUp, { input: ada });
    expect(await attempt({ handle: 'ada' })).toHaveProperty('session');
  });

  it('answers the rest of the operation to the person who has signed in, whoever asked', async () => {
    const [bob, { userId }] = [await world.signUp('bob'), await world.signUp('ada')];
    expect(await attempt({ handle: 'ada' }, bob)).toMatchObject({
      session: { device: { isCurrent: true } },
      viewer: { id: viewerIdOf(userId), user: { handle: 'ada' } },
    });
  });
});

describe('looking people up', () => {
  const byHandle = 'query ($handle: String!) { user(handle: $handle) { handle } }';

  it('finds a person by handle in any case, and nobody else', async () => {
    const bob = await world.signUp('Bob');
    const found = async (handle: string) => (await bob.execute(byHandle, { handle })).data;
    expect(await found('bOB')).toEqual({ user: { handle: 'Bob' } });
    expect(await found('bo')).toEqual({ user: null });
    expect(await found('bob\u0000')).toEqual({ user: null });
  });

  it('shows people to those only who are signed in', async () => {
    const { userId } = await world.signUp('bob');
    const asked = [
      await world.anonymous.execute(byHandle, { handle: 'bob' }),
      await world.anonymous.execute('query ($id: ID!) { node(id: $id) { id } }', { id: userId }),
      await world.anonymous.execute('query ($id: ID!) { nodes(ids: [$id]) { id } }', { id: userId }),
    ];
    for (const { errors } of asked) expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(asked[0]?.data).toEqual({ user: null });
  });

  it('has no viewer when nobody is signed in', async () => {
    expect(await world.anonymous.execute('{ viewer { id } }')).toEqual({ data: { viewer: null } });
  });
});

describe('node', () => {
  const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

  it('gives null for what is missing, forbidden, damaged or no node, and keeps the order', async () => {
    const [bob, eve] = [await world.signUp(), await world.signUp()];
    const nothing = [
      userIdOf(999n),
      viewerIdOf(eve.userId),
      eve.session.device.id,
      deviceIdOf(999n),
      sessionIdOf(1n),
      'usr',
      'usrX',
      'usr1.00000000001',
      'usrvvvvvvvvvvvv',
      'usrvvvvvvvvvvvvv',
      'vst1',
      'cab1',
      'xyz1',
      '',
      '💥',
      'a'.repeat(10_000),
    ];
    const mine = [
      { __typename: 'User', id: eve.userId },
      { __typename: 'User', id: bob.userId },
      { __typename: 'Viewer', id: viewerIdOf(bob.userId) },
      { __typename: 'Device', id: bob.session.device.id },
    ];
    const ids = [...nothing, ...mine.map(({ id }) => id), userIdOf(999n)];
    expect(await bob.execute(nodes, { ids })).toEqual({
      data: { nodes: [...nothing.map(() => null), ...mine, null] },
    });
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    for (const id of nothing) expect(await bob.execute(node, { id })).toEqual({ data: { node: null } });
  });

  it('takes at most 100 ids', async () => {
    const bob = await world.signUp();
    const ids = (count: number) => ({ ids: Array.from({ length: count }, () => bob.userId) });
    expect((await bob.execute(nodes, ids(100))).errors).toBeUndefined();
    expect((await bob.execute(nodes, ids(101))).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('reads all people of an operation with one query', async () => {
    const people = await Promise.all(Array.from({ length: 20 }, () => world.signUp()));
    const [asker] = people;
    const query = vi.spyOn(world.database.pool, 'query');
    const answer = await asker?.execute(
      'query ($ids: [ID!]!) { viewer { user { id } } nodes(ids: $ids) { id } }',
      {
        ids: people.map(({ userId }) => userId),
      },
    );
    expect(answer?.errors).toBeUndefined();
    expect(query).toHaveBeenCalledTimes(1);
  });
});
