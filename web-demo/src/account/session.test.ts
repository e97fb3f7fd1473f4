import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createLocks } from '../test/locks.ts';

/** One browser: what its tabs share. */
function stubBrowser() {
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal('location', { href: 'http://chat.test/' });
  vi.stubGlobal('window', { addEventListener: () => undefined });
  vi.stubGlobal('navigator', { locks: createLocks() });
}

type Answer = { readonly refused?: string; readonly isLost?: boolean };
/** A server that gives new tokens, and counts how often it was asked. */
function stubServer(answer: Answer = {}) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (_: string, { body }: { readonly body: string }) => {
    asked.push(JSON.parse(body).variables.refreshToken);
    if (answer.isLost) throw new TypeError('The network is gone.');
    const session = {
      accessToken: `access-${asked.length}`,
      refreshToken: `refresh-${asked.length}`,
      accessTokenExpiresAt: new Date(Date.now() + 900_000).toISOString(),
      device: { id: 'device' },
    };
    const refreshSession = answer.refused
      ? { __typename: 'Denied', code: answer.refused, explanation: '', until: null }
      : { __typename: 'RefreshSessionPayload', session };
    return Response.json({ data: { refreshSession } });
  });
  return asked;
}

const viewerId = 'someone';
async function open({ renewAt = 0 } = {}) {
  const [{ writeAccount, readAccount }, { openSession }] = await Promise.all([
    import('./accounts.ts'),
    import('./session.ts'),
  ]);
  const tokens = { accessToken: 'old', refreshToken: 'first', renewAt };
  const person = { viewerId, handle: 'someone', displayName: 'Someone', colour: '#000000' };
  writeAccount({ ...person, deviceId: 'device', tokens });
  const ended = vi.fn();
  const session = openSession(viewerId);
  session.onSignedOut(ended);
  return { session, ended, other: openSession(viewerId), stored: () => readAccount(viewerId)?.tokens };
}

beforeEach(() => {
  vi.resetModules();
  stubBrowser();
});

describe('A session', () => {
  it('gives the token that it has, as long as that is good', async () => {
    const asked = stubServer();
    const { session } = await open({ renewAt: Date.now() + 60_000 });
    expect(await session.token()).toBe('old');
    expect(asked).toEqual([]);
  });

  it('renews a token that is due, once for all tabs', async () => {
    const asked = stubServer();
    const { session, other } = await open();
    expect(await Promise.all([session.token(), other.token()])).toEqual(['access-1', 'access-1']);
    expect(asked).toEqual(['first']);
  });

  it('renews a token that the server does not take', async () => {
    const asked = stubServer();
    const { session } = await open({ renewAt: Date.now() + 60_000 });
    session.hear('UNAUTHENTICATED');
    expect(await session.token()).toBe('access-1');
    expect(asked).toEqual(['first']);
  });

  it('keeps what it has when the answer is lost, and asks again with the same token', async () => {
    const asked = stubServer({ isLost: true });
    const { session, ended } = await open();
    expect(await session.token()).toBe('old');
    expect(await session.token()).toBe('old');
    expect(asked.every((token) => token === 'first')).toBe(true);
    expect(ended).not.toHaveBeenCalled();
  });

  it('has ended when the server says so, and keeps no tokens then', async () => {
    stubServer({ refused: 'SESSION_REVOKED' });
    const { session, ended, stored } = await open();
    await session.token();
    expect(ended).toHaveBeenCalledOnce();
    expect(stored()).toBeUndefined();
  });

  it('has ended when its socket was closed as revoked, and only then', async () => {
    stubServer();
    const { session, ended, stored } = await open({ renewAt: Date.now() + 60_000 });
    for (const code of [4403, 1012, 1006, undefined]) session.hear(code);
    expect(ended).not.toHaveBeenCalled();
    session.hear(4401);
    expect(ended).toHaveBeenCalledOnce();
    expect(stored()).toBeUndefined();
  });
});
