import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpLimits } from '../../http/listening.ts';
import { messageDelivery } from '../serving/feed.ts';
import { closeProduct, openServing, type Serving } from '../serving/serving.ts';
import { openSse } from '../serving/sse-client.ts';

// T5: requests that take for ever, with shorter figures than a server has.

const short = { headersTimeout: 500, requestTimeout: 1_000, connectionsCheckingInterval: 20 };
let serving: Serving;
const connections: Socket[] = [];
beforeEach(async () => {
  serving = await openServing({ httpLimits: short });
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.destroy();
  await serving.close();
});
afterAll(closeProduct);

type Slow = {
  readonly connection: Socket;
  /** What it was told so far. */
  said(): string;
  isClosed(): boolean;
};

/** A connection that begins like this. */
function begin(text: string): Slow {
  const connection = connect(serving.server.port, '127.0.0.1');
  connections.push(connection);
  let said = '';
  let isClosed = false;
  connection.setEncoding('utf8').on('data', (chunk) => {
    said += chunk;
  });
  connection.on('error', () => undefined);
  connection.on('close', () => {
    isClosed = true;
  });
  connection.write(text);
  return { connection, said: () => said, isClosed: () => isClosed };
}

/** Goes on with one byte more at each look, until it is closed. */
async function drip({ connection, said, isClosed }: Slow, more: string): Promise<string> {
  const bytes = [...more];
  const look = () => {
    const byte = bytes.shift();
    if (!isClosed() && byte !== undefined) connection.write(byte);
    return isClosed();
  };
  await expect.poll(look, { interval: 20 }).toBe(true);
  expect(bytes.length, 'It was over before it was cut.').toBeGreaterThan(0);
  return said();
}
const statusesIn = (said: string) =>
  [...said.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

const lines = (...all: readonly string[]) => all.map((line) => `${line}\r\n`).join('');
const post = (...headers: readonly string[]) =>
  `${lines('POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers)}\r\n`;
const upgrade = lines(
  'GET /graphql HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
);
const query = 'mutation { say(text: "Hi") }';
const body = JSON.stringify({ query: query.padEnd(2_000) });
const endless = `X-Endless: ${'x'.repeat(2_000)}`;

describe('T5: a request that comes byte by byte', () => {
  it.for([
    ['its headers', lines('POST /graphql HTTP/1.1', 'Host: x'), endless],
    ['its first line', 'GET ', `/graphql?query=${'x'.repeat(2_000)}`],
    ['the headers of an upgrade', upgrade, endless],
    ['its body', post(`Content-Length: ${body.length}`), body],
    ['its body in chunks', post('Transfer-Encoding: chunked'), `${body.length.toString(16)}\r\n${body}`],
    ['chunks of one byte', post('Transfer-Encoding: chunked'), '1\r\n \r\n'.repeat(1_000)],
  ] as const)('is cut with 408, whatever comes so slowly: %s', async ([, first, more]) => {
    expect(statusesIn(await drip(begin(first), more))).toEqual([408]);
    expect(serving.logged).toEqual([]);
    await expect.poll(() => serving.server.counts).toMatchObject({ sockets: 0, pendingSockets: 0 });
  });

  it('is cut also when the one before it on the same connection was a good one', async () => {
    const slow = begin(lines('GET /livez HTTP/1.1', 'Host: x', ''));
    await expect.poll(() => statusesIn(slow.said())).toEqual([200]);
    slow.connection.write(post(`Content-Length: ${body.length}`));
    expect(statusesIn(await drip(slow, body))).toEqual([200, 408]);
  });

  it('is cut when nothing comes at all', async () => {
    const silent = begin('');
    await expect.poll(silent.isClosed).toBe(true);
    expect(statusesIn(silent.said())).toEqual([408]);
  });

  it('has ten seconds for its headers and thirty for all of it, on a server', () => {
    expect(httpLimits).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: 16_384,
    });
  });

  it('delays nobody else, however many there are: neither an answer nor a stream that lasts longer', async () => {
    const stream = await openSse(serving.server.url, {
      token: 'ada',
      query: 'subscription { events { eventId } }',
    });
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    const crowd = Array.from({ length: 300 }, () => begin(post(`Content-Length: ${body.length}`)));
    const good = async () => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(serving.server.url, {
        method: 'POST',
        headers,
        body: '{"query":"{ hello }"}',
      });
      return answer.json();
    };
    await expect
      .poll(
        async () => {
          for (const { connection, isClosed } of crowd) if (!isClosed()) connection.write(' ');
          expect(await good()).toEqual({ data: { hello: 'world' } });
          return crowd.every(({ isClosed }) => isClosed());
        },
        { interval: 20 },
      )
      .toBe(true);
    expect(new Set(crowd.flatMap(({ said }) => statusesIn(said())))).toEqual(new Set([408]));
    serving.feed.push(messageDelivery(1));
    expect(await stream.next()).toEqual({ event: 'next', data: { data: { events: { eventId: 'chn7.1' } } } });
    stream.leave();
  });
});

describe('T5: headers that are too long', () => {
  const long = `X-Long: ${'x'.repeat(httpLimits.maxHeaderSize)}`;

  it.for([
    ['a request', `${lines('GET /livez HTTP/1.1', 'Host: x', long)}\r\n`],
    ['many of them', `${lines('GET /livez HTTP/1.1', 'Host: x', ...Array(1_900).fill('X: 0123456789'))}\r\n`],
    ['an upgrade', `${upgrade}${lines(long)}\r\n`],
    [
      'an address',
      `${lines(`GET /graphql?query=${'x'.repeat(httpLimits.maxHeaderSize)} HTTP/1.1`, 'Host: x')}\r\n`,
    ],
  ] as const)('are refused with 431, and the connection ends: %s', async ([, text]) => {
    const { said, isClosed } = begin(text);
    await expect.poll(isClosed).toBe(true);
    expect(statusesIn(said())).toEqual([431]);
  });

  it('are good up to there', async () => {
    const { said } = begin(lines('GET /livez HTTP/1.1', 'Host: x', `X-Long: ${'x'.repeat(15_000)}`, ''));
    await expect.poll(() => statusesIn(said())).toEqual([200]);
  });
});
