import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFetch } from './fetch-signed-in.ts';

afterEach(() => void vi.unstubAllGlobals());

/** A server that takes one token, and a session that has these, one after the other. */
function open(...tokens: readonly string[]) {
  const [good] = tokens.slice(-1);
  const asked: (string | null)[] = [];
  vi.stubGlobal('fetch', async (_: string, { headers }: { readonly headers: Headers }) => {
    const given = headers.get('authorization');
    asked.push(given);
    return new Response(null, { status: given === `Bearer ${good}` ? 200 : 401 });
  });
  let at = 0;
  const hear = vi.fn(() => {
    at += 1;
  });
  const session = {
    token: async () => tokens[at] ?? '',
    hear,
    keepFresh: () => () => undefined,
    onSignedOut: () => undefined,
  };
  return { ask: () => createFetch(session)('http://chat.test/graphql'), asked, hear };
}

describe('What is asked for an account', () => {
  it('goes with its token', async () => {
    const { ask, asked, hear } = open('good');
    expect((await ask()).status).toBe(200);
    expect(asked).toEqual(['Bearer good']);
    expect(hear).not.toHaveBeenCalled();
  });

  it('is asked once more with a new token when the old one is refused', async () => {
    const { ask, asked, hear } = open('old', 'good');
    expect((await ask()).status).toBe(200);
    expect(asked).toEqual(['Bearer old', 'Bearer good']);
    expect(hear).toHaveBeenCalledExactlyOnceWith('UNAUTHENTICATED');
  });

  it('is not asked at all when nobody is signed in any more', async () => {
    const { ask, asked } = open('');
    await expect(ask()).rejects.toThrow('Nobody is signed in.');
    expect(asked).toEqual([]);
  });

  it('is not asked again when the refusal was that the account is signed out', async () => {
    const { ask, asked } = open('revoked', '', 'good');
    await expect(ask()).rejects.toThrow('Nobody is signed in.');
    expect(asked).toEqual(['Bearer revoked']);
  });
});
