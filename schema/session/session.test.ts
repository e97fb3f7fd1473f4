import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../ports/clock.ts';
import { openWorld, type Person, type World } from '../test/world.ts';
import { openAccessTokens } from './access-tokens.ts';

const lifetimeSeconds = 900;
let world: World;
let ada: Person;
/** Time that has passed without anybody waiting for it. */
let passedMs: number;
beforeEach(async () => {
  passedMs = 0;
  world = await openWorld({ clock: { ...systemClock, now: () => Date.now() + passedMs } });
  ada = await world.signUp('ada');
});
afterEach(() => world.close());

const signOut = `mutation ($refreshToken: String) {
  signOut(input: { refreshToken: $refreshToken }) {
    ... on SignOutPayload { deviceId }
    ... on UserError { __typename code }
  }
}`;
const refresh = `mutation ($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) {
    ... on RefreshSessionPayload { session { device { id } } }
    ... on UserError { code }
  }
}`;
const standing = async ({ session: { refreshToken } }: Person) => {
  const { data } = await world.anonymous.execute<{ refreshSession: { code?: string } }>(refresh, {
    refreshToken,
  });
  return data.refreshSession.code ?? 'stands';
};

describe('signing out', () => {
  it('ends the session of the viewer and tells every server', async () => {
    expect(await ada.execute(signOut)).toEqual({ data: { signOut: { deviceId: ada.session.device.id } } });
    expect(world.announced).toEqual([ada.viewer.sessionId]);
    expect(await standing(ada)).toBe('SESSION_REVOKED');
  });

  it('ends the session of a refresh token, also when nobody is signed in, and may be repeated', async () => {
    const { refreshToken } = ada.session;
    for (let repeat = 0; repeat < 2; repeat += 1)
      expect(await world.anonymous.execute(signOut, { refreshToken })).toEqual({
        data: { signOut: { deviceId: ada.session.device.id } },
      });
    expect(world.announced).toEqual([ada.viewer.sessionId]);
    expect(await standing(ada)).toBe('SESSION_REVOKED');
  });

  it('ends no other session, of whomever', async () => {
    const [phone, bob] = [await world.signIn('ada'), await world.signUp('bob')];
    await ada.execute(signOut);
    expect(await standing(phone)).toBe('stands');
    expect(await standing(bob)).toBe('stands');
  });

  it('refuses a token that it does not know, and whoever brings none and is nobody', async () => {
    expect(await world.anonymous.execute(signOut, { refreshToken: 'nonsense' })).toEqual({
      data: { signOut: { __typename: 'Denied', code: 'SESSION_REVOKED' } },
    });
    const { errors } = await world.anonymous.execute(signOut);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await standing(ada)).toBe('stands');
  });
});

describe('a device', () => {
  it('has one session: signing in again ends the one before', async () => {
    const again = await world.signIn('ada', { id: ada.session.device.id, label: 'The same browser' });
    expect(again.session.device.id).toBe(ada.session.device.id);
    expect(world.announced).toEqual([ada.viewer.sessionId]);
    expect(await standing(ada)).toBe('SESSION_REVOKED');
    expect(await standing(again)).toBe('stands');
  });

  it('has one session also when it signs in several times at once', async () => {
    const device = { id: ada.session.device.id };
    const people = await Promise.all(Array.from({ length: 6 }, () => world.signIn('ada', device)));
    const standings = await Promise.all([ada, ...people].map(standing));
    expect(standings.filter((code) => code === 'stands')).toHaveLength(1);
    expect(world.announced).toHaveLength(6);
  });

  it('is a new one when its id is unknown, damaged or of somebody else, and costs them nothing', async () => {
    const bob = await world.signUp('bob');
    for (const id of [bob.session.device.id, 'dev999', 'nonsense', bob.userId, '']) {
      const signedIn = await world.signIn('ada', { id });
      expect([id, ada.session.device.id]).not.toContain(signedIn.session.device.id);
    }
    expect(await standing(bob)).toBe('stands');
    expect(await standing(ada)).toBe('stands');
  });

  it('is signed out when 50 others are signed in that were all used later', async () => {
    const unused = await world.signIn('ada');
    const others: Person[] = [];
    for (let count = 0; count < 48; count += 1) {
      passedMs += 1_000;
      others.push(await world.signIn('ada'));
    }
    passedMs += 1_000;
    expect(await standing(ada)).toBe('stands');
    expect(world.announced).toEqual([]);
    const newest = await world.signIn('ada');
    expect(world.announced).toEqual([unused.viewer.sessionId]);
    expect(await Promise.all([unused, ada, ...others, newest].map(standing))).toEqual([
      'SESSION_REVOKED',
      ...Array.from({ length: 50 }, () => 'stands'),
    ]);
  });

  it('that is signed out leaves room for another', async () => {
    const others: Person[] = [];
    for (let count = 0; count < 49; count += 1) others.push(await world.signIn('ada'));
    const last = others.at(-1);
    await last?.execute(signOut);
    await world.signIn('ada');
    expect(world.announced).toEqual([last?.viewer.sessionId]);
  });
});

describe('access tokens', () => {
  const open = () => openAccessTokens({ ...world.product, lifetimeSeconds });

  it('are understood by every server of a database, also by those that start at once as the first', async () => {
    await world.product.prisma.signingKey.deleteMany();
    const servers = await Promise.all(Array.from({ length: 5 }, open));
    for (const server of servers) {
      const { token, expiresAt } = await server.issue(ada.viewer);
      for (const other of [...servers, await open()])
        expect(await other.verify(token)).toEqual({ viewer: ada.viewer, expiresAt });
    }
    expect(await world.product.prisma.signingKey.count()).toBe(1);
  });

  it('expire for those who have seen them before as for those who have not', async () => {
    const [here, there] = [await open(), await open()];
    const { token } = await here.issue(ada.viewer);
    expect(await here.verify(token)).toHaveProperty('viewer');
    passedMs = lifetimeSeconds * 1_000;
    for (const server of [here, here, there]) expect(await server.verify(token)).toBe('expired');
  });
});
