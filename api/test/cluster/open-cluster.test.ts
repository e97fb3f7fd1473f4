import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signUp } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { missingHaproxy } from './haproxy.ts';
import { type Cluster, openCluster } from './open-cluster.ts';

const isPossible = [requires('haproxy', missingHaproxy), requires('redis', missingRedis)].every(Boolean);

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Who starts three servers from their sources on a busy computer needs that. */
const startMs = 120_000;
const manyAttempts = 1_000;

describe('three servers behind HAProxy', { timeout: 60_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    if (!isPossible) return;
    cluster = await openCluster({
      servers: 3,
      isRedis: true,
      from: 'source',
      settings: { DRAIN_SECONDS: '2', SIGN_UPS_PER_ADDRESS: '2' },
    });
  }, startMs);
  afterAll(async () => {
    if (isPossible) expect(await cluster.close()).toEqual([0, 0, 0]);
  });

  it('answer over TLS and HTTP/2', async () => {
    const session = connect(`https://127.0.0.1:${cluster.haproxy.tlsPort}`, { rejectUnauthorized: false });
    closers.push(async () => session.close());
    const stream = session.request({ ':path': '/readyz' });
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(200);
    expect(session.alpnProtocol).toBe('h2');
    expect(session.remoteSettings?.enableConnectProtocol).toBe(true); // sockets, too
    stream.resume();
    await once(stream, 'end');
  });

  it('count by the address of the client, whatever it says of itself, and all of them together', async () => {
    const [address, another] = ['127.0.0.7', '127.0.0.8'] as const;
    expect(await signUpFrom(cluster, address, 'first')).toContain('SignUpPayload');
    expect(await signUpFrom(cluster, address, 'second')).toContain('SignUpPayload');
    expect(await signUpFrom(cluster, address, 'third')).toContain('RATE_LIMITED');
    expect(await signUpFrom(cluster, another, 'fourth')).toContain('SignUpPayload');
  });

  it('share out sockets, and each goes to another server when its own is drained', async () => {
    const { session } = await signUp(new URL('graphql', cluster.url).href, 'moving');
    const opened: number[] = [];
    const closed: number[] = [];
    for (let nth = 0; nth < 6; nth += 1) {
      const client = openStockClient({
        socketUrl: new URL('graphql', cluster.url).href.replace('http', 'ws'),
        token: () => session.accessToken,
        retryAttempts: manyAttempts,
        onConnected: () => opened.push(nth),
        onClosed: ({ code }) => closed.push(code),
      });
      closers.push(() => closeClient(client));
      client.subscribe(
        { query: 'subscription { events { __typename } }' },
        { next() {}, error() {}, complete() {} },
      );
    }
    await expect.poll(() => opened.length).toBe(6);
    const [first] = cluster.servers;
    expect(await first?.stop()).toBe(0);
    expect(closed).toEqual([1012, 1012]); // the fewest are where the next one goes: two for each
    await expect.poll(() => opened.length).toBe(8);
    await first?.startAgain();
  });

  it(
    'answer every request while one after the other is stopped and starts again',
    async () => {
      const answers: number[] = [];
      const asking = new AbortController();
      const ask = async () => {
        while (!asking.signal.aborted) {
          const answer = await fetch(new URL('livez', cluster.url));
          await answer.arrayBuffer();
          answers.push(answer.status);
        }
      };
      const asked = ask();
      for (const server of cluster.servers) {
        expect(await server.stop()).toBe(0);
        await server.startAgain();
      }
      asking.abort();
      await asked;
      expect(answers.length).toBeGreaterThan(100);
      expect(new Set(answers)).toEqual(new Set([200]));
    },
    startMs,
  );

  it(
    'say that none is there in the words of GraphQL when none is',
    async () => {
      await Promise.all(cluster.servers.map((server) => server.kill()));
      const answer = await fetch(new URL('graphql', cluster.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ server { version } }"}',
      });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
      await Promise.all(cluster.servers.map((server) => server.startAgain()));
    },
    startMs,
  );
});

/** Signs somebody up from this address of this computer, and says that it is another. */
async function signUpFrom({ url }: Cluster, localAddress: string, handle: string): Promise<string> {
  const asked = request(new URL('graphql', url), {
    method: 'POST',
    localAddress,
    headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${handle.length}` },
  });
  const query = `mutation { signUp(input: { handle: "${handle}", displayName: "${handle}",
    password: "correct horse battery staple", device: { label: "test", platform: WEB } }) {
    __typename ... on Denied { code } } }`;
  asked.end(JSON.stringify({ query }));
  const [answer] = await once(asked, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return text;
}
