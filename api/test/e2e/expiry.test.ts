import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ask } from '../client/ask.ts';
import { createGroup, refresh, refreshDocument, type Session, signUp } from '../client/people.ts';
import { askOverSocket, type Closed, closeClient, openStockClient } from '../client/stock-client.ts';
import { closeAtEnd, runServer } from './running.ts';
import { doOverHttp, followEvents, keepCursors, mutations } from './talk.ts';

/** The shortest that the setting allows; a client that renews in time does that at half of it, by its own clock. */
const lifetimeMs = 10_000;
const settings = { ACCESS_TOKEN_SECONDS: String(lifetimeMs / 1_000) };

/** Keeps the newest tokens of one device, as an app does. */
function keepSession(httpUrl: string, first: Session) {
  let session = first;
  return {
    current: () => session,
    async renew(): Promise<void> {
      const renewed = await refresh(httpUrl, session.refreshToken);
      if (!('accessToken' in renewed)) throw new Error(`It was refused: ${renewed.code}`);
      session = renewed;
    },
    take: (renewed: Session) => {
      session = renewed;
    },
  };
}

async function world() {
  const { httpUrl, socketUrl } = (await runServer(settings)).server();
  const ann = await signUp(httpUrl, 'ann');
  const session = keepSession(httpUrl, ann.session);
  const channelId = await createGroup(httpUrl, ann, { name: 'Alone', members: [] });
  const closed: Closed[] = [];
  /** The stock client, coming back by itself; `onClosed` is told before it does. */
  const open = (onClosed: () => Promise<void> = async () => undefined) => {
    let settled = Promise.resolve();
    const client = openStockClient({
      socketUrl,
      retryAttempts: 5,
      onClosed: (event) => {
        closed.push(event);
        settled = onClosed();
        settled.catch(() => undefined); // `token` hears of it
      },
      token: async () => {
        await settled;
        return session.current().accessToken;
      },
    });
    closeAtEnd({ close: () => closeClient(client) });
    const kept = keepCursors();
    const feed = followEvents(client, kept.variables);
    return { client, feed, kept };
  };
  const send = (text: string) =>
    doOverHttp(
      httpUrl,
      { ...ann, session: session.current() },
      mutations.sendMessage({ channelId, text, nonce: text }),
    );
  return { httpUrl, session, closed, open, send };
}

describe('an access token that expires on a live socket', { timeout: 60_000 }, () => {
  it('closes it with 4403; the client refreshes, comes back and has everything', async () => {
    const { httpUrl, session, closed, open, send } = await world();
    const first = session.current();
    const { feed, kept } = open(async () => {
      await session.renew();
      await send('while away');
    });
    kept.take(await feed.find(({ __typename }) => __typename === 'CaughtUp'));
    await send('before');
    kept.take(await feed.find(({ message }) => message?.text === 'before'));
    await feed.find(({ message }) => message?.text === 'while away');
    await send('after');
    await feed.find(({ message }) => message?.text === 'after');

    expect(closed).toEqual([{ code: 4403, reason: 'Token expired' }]);
    const texts = feed.items.flatMap(({ message }) => message?.text ?? []);
    expect(texts).toEqual(['before', 'while away', 'after']);
    const { errors } = await ask(httpUrl, { query: '{ viewer { id } }', token: first.accessToken });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('does not close it when the session is refreshed over the socket in time', async () => {
    const { session, closed, open, send } = await world();
    const { client, feed } = open();
    await feed.find(({ __typename }) => __typename === 'CaughtUp');
    const expiresAt = Date.parse(session.current().accessTokenExpiresAt);
    await pause(expiresAt - lifetimeMs / 2 - Date.now());
    const { data } = await askOverSocket<{ result: { session: Session } }>(client, {
      query: refreshDocument,
      variables: { input: { refreshToken: session.current().refreshToken } },
    });
    if (!data) throw new Error('No new tokens.');
    session.take(data.result.session);
    expect(Date.parse(session.current().accessTokenExpiresAt)).toBeGreaterThan(expiresAt + 3_000);

    await pause(expiresAt + 1_000 - Date.now()); // a second after the first token has expired
    await send('still here');
    await feed.find(({ message }) => message?.text === 'still here');
    expect(closed).toEqual([]);
  });
});
