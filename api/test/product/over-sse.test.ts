import { describe, expect, it } from 'vitest';
import { ask } from '../client/ask.ts';
import { createGroup, refresh, signUp } from '../client/people.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { closeAtEnd, runServer, serverOfAll } from '../e2e/running.ts';
import { doOverHttp, keepCursors, mutations } from '../e2e/talk.ts';
import { expectTexts, followWithFetch, followWithStockClient, isCaughtUp } from './over-sse-clients.ts';

// Subscriptions where sockets are blocked: the same stream, from the same endpoint, over server-sent events.

const server = serverOfAll();
let worlds = 0;

/** Ann in a group of her own, behind a network that can be cut. */
async function worldOn({ httpUrl, port }: { readonly httpUrl: string; readonly port: number }) {
  worlds += 1;
  const ann = await signUp(httpUrl, `ann.${worlds}`);
  const channelId = await createGroup(httpUrl, ann, { name: 'Alone', members: [] });
  const proxy = closeAtEnd(await openTcpProxy({ targetPort: port }));
  const url = `http://127.0.0.1:${proxy.port}/graphql`;
  const send = (text: string, session = ann.session) =>
    doOverHttp(httpUrl, { ...ann, session }, mutations.sendMessage({ channelId, text, nonce: text }));
  const cut = () => {
    for (const link of proxy.links()) link.cut();
  };
  return { httpUrl, ann, send, cut, from: { url, token: () => ann.session.accessToken } };
}
const world = () => worldOn(server());

const signOut = `mutation ($input: SignOutInput!) {
  result: signOut(input: $input) { __typename ... on UserError { code } }
}`;

describe('the stock client over SSE', () => {
  it('goes on from its cursors after each cut, without loss or repeat', async () => {
    const { send, cut, from } = await world();
    const followed = closeAtEnd(followWithStockClient(from));
    await expect.poll(() => isCaughtUp(followed)).toBe(true);
    const texts: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      for (const next of [text, `${text}, while it comes back`]) {
        texts.push(next);
        await send(next);
        if (next === text) {
          await expectTexts(followed, texts);
          cut();
        }
      }
      await expectTexts(followed, texts);
    }
    expect(followed.attempts()).toBe(4);
    expect(followed.codes).toEqual([]);
  });

  it('comes back by itself to a server that stopped in order and started again', async () => {
    const running = await runServer();
    const { send, from } = await worldOn(running.server());
    const followed = closeAtEnd(followWithStockClient(from));
    await expect.poll(() => isCaughtUp(followed)).toBe(true);
    await send('before');
    await expectTexts(followed, ['before']);
    expect(await running.server().stop()).toBe(0);
    expect(followed.ended()).toBeUndefined();
    await running.startAgain();
    await send('after');
    await expectTexts(followed, ['before', 'after']);
    expect(followed.codes).toEqual([]);
  }, 90_000); // two starts of a server
});

describe('plain `fetch` over SSE', () => {
  it('goes on from its cursors after a cut, without loss or repeat', async () => {
    const { send, cut, from } = await world();
    const kept = keepCursors();
    const first = await followWithFetch(from, kept);
    await expect.poll(() => isCaughtUp(first)).toBe(true);
    await send('one');
    await expectTexts(first, ['one']);
    cut();
    await expect.poll(first.ended).toBe('broken');
    await send('two');
    const second = closeAtEnd(await followWithFetch(from, kept));
    await expectTexts(second, ['two']);
    await send('three');
    await expectTexts(second, ['two', 'three']);
  });

  it('hears within 5 seconds that its session has ended, and that refreshing is no use', async () => {
    const { httpUrl, ann, send, from } = await world();
    const followed = closeAtEnd(await followWithFetch(from, keepCursors()));
    await expect.poll(() => isCaughtUp(followed)).toBe(true);
    const { refreshToken } = ann.session;
    const signedOut = await ask<{ result: { __typename: string } }>(httpUrl, {
      query: signOut,
      variables: { input: { refreshToken } },
      token: ann.session.accessToken,
    });
    expect(signedOut.data?.result.__typename).toBe('SignOutPayload');
    await expect.poll(followed.ended, { timeout: 30_000 }).toBe('completed');
    expect(followed.codes).toEqual(['UNAUTHENTICATED']);
    expect(await refresh(httpUrl, refreshToken)).toMatchObject({ code: 'SESSION_REVOKED' });
    await expect(send('too late')).rejects.toThrow();
    const again = await followWithFetch(from, keepCursors());
    await expect.poll(again.ended).toBe('completed');
    expect(again.codes).toEqual(['UNAUTHENTICATED']);
  });

  it('is told when its token expires, refreshes, and goes on without loss or repeat', async () => {
    const { httpUrl, ann, send, from } = await worldOn(
      (await runServer({ ACCESS_TOKEN_SECONDS: '10' })).server(),
    );
    const kept = keepCursors();
    const first = await followWithFetch(from, kept);
    await send('before');
    await expectTexts(first, ['before']);
    await expect.poll(first.ended, { timeout: 30_000 }).toBe('completed');
    expect(first.codes).toEqual(['UNAUTHENTICATED']);
    const session = await refresh(httpUrl, ann.session.refreshToken);
    if (!('accessToken' in session)) throw new Error(`It was refused: ${session.code}`);
    await send('while away', session);
    const token = () => session.accessToken;
    const second = closeAtEnd(await followWithFetch({ ...from, token }, kept));
    await expect.poll(() => isCaughtUp(second)).toBe(true);
    await expectTexts(second, ['while away']);
  }, 90_000);
});
