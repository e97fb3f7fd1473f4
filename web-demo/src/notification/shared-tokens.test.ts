import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tokens } from '../account/tokens.ts';
import { WhatIsNewDocument } from '../gql/graphql.ts';
import { createLocks } from '../test/locks.ts';
import { createRandom } from '../test/random.ts';

const viewerId = 'someone';
const about = { channelId: 'channel', messageId: 'message' };

/** One browser: what its tabs share. */
function stubBrowser() {
  const stored = new Map<string, string>([['parley.worker', viewerId]]);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal('location', { href: 'http://chat.test/' });
  vi.stubGlobal('window', { addEventListener: () => undefined });
  vi.stubGlobal('navigator', { locks: createLocks() });
}

/** A server as strict as a real one: a refresh token of which a successor has been used is taken for a stolen one. */
function stubServer({ isLost = (): boolean => false } = {}) {
  const generations = new Map([['r-0', 1]]);
  let [made, used, isRevoked] = [0, { generation: 0, token: '' }, false];
  const renewals: string[] = [];
  vi.stubGlobal('fetch', async (_: string, { body }: { readonly body: string }) => {
    const { refreshToken } = JSON.parse(body).variables;
    if (refreshToken === undefined) return Response.json({ data: { channel: null, message: null } });
    renewals.push(refreshToken);
    const generation = generations.get(refreshToken) ?? 0;
    isRevoked ||= generation <= used.generation && refreshToken !== used.token;
    if (isRevoked)
      return Response.json({ data: { refreshSession: { __typename: 'Denied', code: 'SESSION_REVOKED' } } });
    made += 1;
    used = { generation, token: refreshToken };
    generations.set(`refresh-${made}`, generation + 1);
    if (isLost()) throw new TypeError('The network is gone.');
    const session = {
      ...{ accessToken: `access-${made}`, refreshToken: `refresh-${made}`, device: { id: 'device' } },
      accessTokenExpiresAt: new Date(Date.now() + 900_000).toISOString(),
    };
    return Response.json({ data: { refreshSession: { __typename: 'RefreshSessionPayload', session } } });
  });
  return { renewals, isRevoked: () => isRevoked };
}

/** A tab and the worker, with the same tokens to begin with. */
async function open(tokens: Tokens) {
  const { readAccount, writeAccount } = await import('../account/accounts.ts');
  const { openSession } = await import('../account/session.ts');
  const { readOwner, writeOwner } = await import('../worker/kept.ts');
  const { askSignedIn } = await import('../worker/ask.ts');
  const person = { viewerId, handle: 'someone', displayName: 'Someone', colour: '#000000' };
  writeAccount({ ...person, deviceId: 'device', tokens });
  await writeOwner({ viewerId, tokens });
  return {
    session: openSession(viewerId),
    ofTab: () => readAccount(viewerId)?.tokens,
    ofWorker: async () => (await readOwner())?.tokens,
    wake: () => askSignedIn(WhatIsNewDocument, about),
  };
}

const first = { accessToken: 'a-0', refreshToken: 'r-0', renewAt: 0 };

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 });
  stubBrowser();
});

describe('The session of a tab and of the worker', () => {
  it('is renewed by the worker when it is woken, and the tab goes on with that', async () => {
    const { renewals } = stubServer();
    const { session, ofTab, ofWorker, wake } = await open(first);
    expect(await wake()).toBeDefined();
    expect(renewals).toEqual(['r-0']);
    expect(await session.token()).toBe('access-1');
    expect(renewals).toHaveLength(1);
    expect(ofTab()).toEqual(await ofWorker());
  });

  it('is renewed by a tab, and the worker goes on with that', async () => {
    const { renewals } = stubServer();
    const { session, ofTab, ofWorker, wake } = await open(first);
    expect(await session.token()).toBe('access-1');
    await wake();
    expect(renewals).toHaveLength(1);
    expect(await ofWorker()).toEqual(ofTab());
  });

  it('is forgotten by the worker when it has ended', async () => {
    stubServer();
    const { ofWorker, wake } = await open({ ...first, refreshToken: 'copied' });
    expect(await wake()).toBeUndefined();
    expect(await ofWorker()).toBeUndefined();
  });

  it.for([1, 2, 3, 4, 5])(
    'never looks like that of a thief, whoever renews it when (seed %s)',
    async (seed) => {
      const below = createRandom(seed);
      const random = () => below(1_000) / 1_000;
      const { isRevoked, renewals } = stubServer({ isLost: () => random() < 0.2 });
      const { session, wake } = await open(first);
      for (let step = 0; step < 60; step += 1) {
        vi.setSystemTime(Date.now() + random() * 600_000);
        if (random() < 0.1) session.hear('UNAUTHENTICATED');
        if (random() < 0.3) await Promise.all([session.token(), wake()]);
        else await (random() < 0.5 ? session.token() : wake());
        expect(isRevoked(), `step ${step}`).toBe(false);
      }
      expect(renewals.length).toBeGreaterThan(10);
    },
  );
});
