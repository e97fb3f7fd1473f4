import { afterEach, describe, expect, it } from 'vitest';
import { password } from '../../../schema/test/world.ts';
import { ask } from '../client/ask.ts';
import { openAcknowledged, openWire, subscribeFrame, type WireClient } from '../serving/wire-client.ts';
import { openProductServer, type ProductServer } from './product-server.ts';

// T15: who says in a header where they come from, and whom that is believed of. The peer of all of these is 127.0.0.1.

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function open(settings: Readonly<Record<string, string>>): Promise<ProductServer> {
  const opened = await openProductServer({}, settings);
  closers.push(opened.close);
  await opened.world.signUp('ada');
  return opened;
}

const [here, there] = ['203.0.113.9', '198.51.100.7'];
const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on UserError { code } } }`;
const device = { label: 'A browser', platform: 'WEB' };
const wrong = { input: { handle: 'ada', password: `not ${password}`, device } };
const headersOf = (forwarded: string) => ({ 'X-Forwarded-For': forwarded });

/** What one more wrong password gets, over HTTP. */
async function guess({ server }: ProductServer, forwarded: string): Promise<unknown> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersOf(forwarded) },
    body: JSON.stringify({ query: signIn, variables: wrong }),
  });
  const { data } = await response.json();
  return data.signIn.code;
}
async function guessOverSocket({ server }: ProductServer, forwarded: string): Promise<unknown> {
  const client = await openAcknowledged(server.socketUrl, undefined, { headers: headersOf(forwarded) });
  client.send(subscribeFrame('a', signIn, wrong));
  const { payload } = await client.next();
  await client.close();
  return JSON.stringify(payload).match(/"code":"(\w+)"/)?.[1];
}

/** How a socket from there is received: with an acknowledgement, or the code by which it is closed. */
async function knock(
  { server }: ProductServer,
  forwarded: string,
): Promise<{ client: WireClient; code: unknown }> {
  const client = await openWire(server.socketUrl, { headers: headersOf(forwarded) });
  closers.push(client.close);
  client.send({ type: 'connection_init' });
  const closed = client.closed.then(({ code }) => code);
  return {
    client,
    code: await Promise.race([
      closed,
      client.next().then(
        ({ type }) => type,
        () => closed,
      ),
    ]),
  };
}
/** The status of a stream from there; it stays open. */
async function stream({ server, world }: ProductServer, forwarded: string): Promise<number> {
  const leaving = new AbortController();
  closers.push(async () => leaving.abort());
  const { session } = await world.signIn('ada');
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // Who also accepts JSON is refused with a status.
      accept: 'text/event-stream, application/graphql-response+json',
      authorization: `Bearer ${session.accessToken}`,
      ...headersOf(forwarded),
    },
    body: JSON.stringify({ query: 'subscription { events { eventId } }' }),
    signal: leaving.signal,
  });
  return response.status;
}

describe('T15: a header that says where one comes from', () => {
  it('changes nothing when no proxy is trusted, or the peer is none: guesses are counted together', async () => {
    for (const TRUSTED_PROXIES of ['', '10.0.0.0/8, 192.0.2.1']) {
      const opened = await open({ TRUSTED_PROXIES });
      for (let nth = 0; nth < 5; nth += 1)
        expect(await guess(opened, `203.0.113.${nth}`)).toBe('WRONG_CREDENTIALS');
      expect(await guess(opened, there)).toBe('RATE_LIMITED');
      expect(await guessOverSocket(opened, there)).toBe('RATE_LIMITED');
    }
  });

  it('gives nobody one more place for sockets and streams, when the peer is no proxy', async () => {
    const opened = await open({ SOCKETS_PER_ADDRESS: '2' });
    expect((await knock(opened, here)).code).toBe('connection_ack');
    expect(await stream(opened, there)).toBe(200);
    expect((await knock(opened, `${here}, ${there}`)).code).toBe(1013);
    expect(await stream(opened, '192.0.2.1')).toBe(429);
  });

  it('is believed of a trusted proxy: guesses are counted by the address that it names, over all transports', async () => {
    const opened = await open({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8' });
    for (let nth = 0; nth < 4; nth += 1) expect(await guess(opened, here)).toBe('WRONG_CREDENTIALS');
    expect(await guessOverSocket(opened, `${there}, ${here}, 10.0.0.5`)).toBe('WRONG_CREDENTIALS');
    // Whatever stands before it, and however many proxies come after it.
    for (const chain of [here, `${there}, ${here}`, `${here}, 10.0.0.5, 10.9.9.9`, `10.0.0.1, x, ${here}`])
      expect(await guess(opened, chain), chain).toBe('RATE_LIMITED');
    expect(await guessOverSocket(opened, here)).toBe('RATE_LIMITED');
    expect(await guess(opened, there)).toBe('WRONG_CREDENTIALS');
    expect(await guessOverSocket(opened, `${here}, ${there}`)).toBe('WRONG_CREDENTIALS');
  });

  it('is believed of a trusted proxy: places for sockets and streams are those of the address that it names', async () => {
    const opened = await open({ TRUSTED_PROXIES: '127.0.0.1', SOCKETS_PER_ADDRESS: '2' });
    const first = await knock(opened, here);
    expect(first.code).toBe('connection_ack');
    expect(await stream(opened, `${there}, ${here}`)).toBe(200);
    expect((await knock(opened, here)).code).toBe(1013);
    expect(await stream(opened, here)).toBe(429);
    expect((await knock(opened, there)).code).toBe('connection_ack');
    await first.client.close();
    await expect.poll(() => opened.server.counts.sockets).toBe(2);
    expect((await knock(opened, here)).code).toBe('connection_ack');
  });

  it('that is no address counts as if there were none', async () => {
    const opened = await open({ TRUSTED_PROXIES: '127.0.0.1' });
    for (const nonsense of ['unknown', '', ',', '1.2.3', `${here}, x`])
      expect(await guess(opened, nonsense)).toBe('WRONG_CREDENTIALS');
    for (const nonsense of ['"', `${here}:80`, '127.0.0.1'])
      expect(await guess(opened, nonsense)).toBe('RATE_LIMITED');
    expect(await guess(opened, here)).toBe('WRONG_CREDENTIALS');
    const answer = await ask<{ server: object }>(opened.server.url, { query: '{ server { version } }' });
    expect(answer).toHaveProperty('data.server');
  });
});
