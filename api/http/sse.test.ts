import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../schema/ports/clock.manual.ts';
import { socketLimits } from '../socket/admission.ts';
import { messageDelivery } from '../test/serving/feed.ts';
import { closeProduct, openServing, type Serving, signedIn, viewerOf } from '../test/serving/serving.ts';
import { openSse } from '../test/serving/sse-client.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';

let clock: ManualClock;
let serving: Serving;
beforeEach(async () => {
  clock = createManualClock(1_000_000);
  serving = await openServing({ clock, settings: { SOCKETS_PER_USER: '2', SOCKETS_PER_ADDRESS: '3' } });
  serving.tokens.set('short', signedIn(1, new Date(1_005_000)));
  serving.tokens.set('long', signedIn(1, new Date(2_000_000)));
});
afterEach(async () => {
  const closed = serving.close();
  await clock.advance(2_000);
  await closed;
});
afterAll(closeProduct);

const events = 'subscription { events { eventId ... on MessageSent { message { number text isMine } } } }';
const refused = (code: string) => ({ data: { errors: [{ extensions: { code } }] } });

const open = (query = events, token = 'short') => openSse(serving.server.url, { query, token });
const streams = () => serving.server.counts.streams;

describe('a subscription over SSE', () => {
  it('brings each event once, in order, each executed in a scope of its own, and completes with its source', async () => {
    const { response, next } = await open();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toContain('no-cache');
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    expect(serving.watched.size).toBe(1);
    for (const seq of [1, 2, 3]) serving.feed.push(messageDelivery(seq));
    for (const seq of [1, 2, 3]) {
      const message = { number: seq, text: `Message ${seq}`, isMine: true };
      expect(await next()).toEqual({
        event: 'next',
        data: { data: { events: { eventId: `chn7.${seq}`, message } } },
      });
    }
    expect(new Set(serving.watch.scopes).size).toBe(4);
    serving.feed.end();
    expect(await next()).toEqual({ event: 'complete', data: undefined });
    expect(serving.watched.size).toBe(0);
    expect(streams()).toBe(0);
  });

  it('gives its reader back when the client leaves', async () => {
    const { leave } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    leave();
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    await expect.poll(streams).toBe(0);
    expect(serving.watched.size).toBe(0);
  });

  it('gives everything back also when the client leaves before it has begun', async () => {
    const leaving = new AbortController();
    const search = new URLSearchParams({ query: 'subscription { stuck { eventId } }' });
    const asked = fetch(`${serving.server.url}?${search}`, {
      headers: { accept: 'text/event-stream', authorization: 'Bearer long' },
      signal: leaving.signal,
    });
    await expect.poll(() => serving.watched.size).toBe(1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => serving.watch.given).toBe(1);
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
    await expect.poll(() => serving.server.counts).toMatchObject({ sockets: 0, streams: 0 });
    expect(serving.watched.size).toBe(0);
  });

  it('is refused like any other operation', async () => {
    const { next } = await open('subscription { refused { eventId } }');
    expect(await next()).toMatchObject(refused('FORBIDDEN'));
    expect(await next()).toMatchObject({ event: 'complete' });
  });

  it('says that its source failed, and no more', async () => {
    const { next } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    serving.feed.fail(new Error('connect ECONNREFUSED'));
    const last = await next();
    expect(last).toMatchObject(refused('INTERNAL_SERVER_ERROR'));
    expect(JSON.stringify(last)).not.toContain('ECONNREFUSED');
    expect(await next()).toMatchObject({ event: 'complete' });
  });

  it('shows proxies that it lives, as often as sockets do', async () => {
    const { text } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    expect(text()).not.toContain(':\n\n:\n\n');
    await clock.advance(socketLimits.heartbeatMs / 2); // in steps: a turn of the wheel is awaited
    for (let turn = 0; turn < 12; turn += 1) await clock.advance(socketLimits.heartbeatMs / 12);
    await expect.poll(() => text()).toContain(':\n\n:\n\n');
  });
});

describe('the end of a stream', () => {
  it.for([
    ['its token expires', 'has expired', () => clock.advance(5_000)],
    ['its session is revoked', 'has ended', () => serving.revoke(viewerOf(1).sessionId)],
  ] as const)('says why when %s', async ([, why, happens]) => {
    const { next } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await happens();
    const last = await next();
    expect(last).toMatchObject(refused('UNAUTHENTICATED'));
    expect(JSON.stringify(last)).toContain(why);
    expect(await next()).toMatchObject({ event: 'complete' });
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
  });

  it('has no `complete` when the server stops: its client comes back', async () => {
    const stopped = await openServing();
    const stream = await openSse(stopped.server.url, { query: events, token: 'ada' });
    await expect.poll(() => stopped.feed.liveReaders).toBe(1);
    stopped.feed.push(messageDelivery(1));
    await expect.poll(() => stopped.feed.pulled).toBe(1);
    await stopped.close();
    expect(await stream.next()).toMatchObject({ event: 'next', data: { data: {} } });
    await expect(stream.next()).rejects.toThrow('The stream is over.');
  });
});

describe('how many streams', () => {
  it('a person has at once is bounded together with the sockets, and places come back', async () => {
    const socket = await openAcknowledged(serving.server.socketUrl, 'long');
    const stream = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    const third = await open();
    expect(await third.next()).toMatchObject(refused('RATE_LIMITED'));
    await socket.close();
    await expect.poll(() => serving.server.counts.sockets).toBe(1);
    const fourth = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    serving.feed.push(messageDelivery(1));
    for (const { next } of [stream, fourth])
      expect(await next()).toMatchObject({ data: { data: { events: { eventId: 'chn7.1' } } } });
  });

  it('an address has at once is bounded together with the sockets', async () => {
    const socket = await openAcknowledged(serving.server.socketUrl);
    await open();
    await open(events, 'bob');
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    expect(serving.server.counts).toMatchObject({ sockets: 3, pendingSockets: 0, streams: 2 });
    const more = await open(events, 'bob');
    expect(await more.next()).toMatchObject(refused('RATE_LIMITED'));
    await socket.close();
    await expect.poll(() => serving.server.counts.sockets).toBe(2);
    await open(events, 'bob');
    await expect.poll(() => serving.feed.liveReaders).toBe(3);
  });
});

describe('G8: a client that does not read its stream', () => {
  const text = 'x'.repeat(16_000);
  /** More than all the buffers of the operating system between a server and a client hold. */
  const count = 2_000;

  /** One that reads nothing yet, and one on a socket that reads everything. */
  async function openDeaf() {
    const asking = httpRequest(serving.server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: 'Bearer long',
      },
    });
    asking.end(JSON.stringify({ query: events }));
    const [deaf]: IncomingMessage[] = await once(asking, 'response');
    if (deaf === undefined) throw new Error('No response.');
    const other = await openAcknowledged(serving.server.socketUrl, 'bob');
    other.send(subscribeFrame('a', events));
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    for (let seq = 1; seq <= count; seq += 1) serving.feed.push(messageDelivery(seq, { text }));
    await expect.poll(() => other.frames.length).toBe(count);
    return deaf;
  }
  const pulledByDeaf = () => serving.feed.pulled - count;

  it('delays nobody, pulls nothing more, and gets everything in order when it reads again', async () => {
    const deaf = await openDeaf();
    const pulled = pulledByDeaf();
    expect(pulled).toBeLessThan(count);
    await clock.advance(socketLimits.congestedMs - 1);
    expect(pulledByDeaf()).toBe(pulled);
    expect(streams()).toBe(1);
    serving.feed.end();
    let all = '';
    for await (const chunk of deaf.setEncoding('utf8')) all += chunk;
    const numbers = [...all.matchAll(/"number":(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(pulled);
    expect(all.endsWith('event: complete\ndata:\n\n')).toBe(true);
  });

  it.for([
    ['after 15 seconds', () => clock.advance(socketLimits.congestedMs)],
    ['with its session, at once', () => serving.revoke(viewerOf(1).sessionId)],
  ] as const)('is cut %s', async ([, happens]) => {
    const deaf = await openDeaf();
    deaf.on('error', () => undefined);
    await happens();
    await expect.poll(streams).toBe(0);
    expect(serving.feed.liveReaders).toBe(1);
    expect(serving.watched.size).toBe(1);
    deaf.resume();
    await new Promise((resolve) => deaf.once('close', resolve));
    expect(deaf.complete).toBe(false);
  });
});

describe('other operations asked for as events', () => {
  it('are one result', async () => {
    const { next } = await open('mutation { say(text: "Hi") }', 'long');
    expect(await next()).toEqual({ event: 'next', data: { data: { say: 'Hi' } } });
    expect(await next()).toMatchObject({ event: 'complete' });
  });

  it('have their mistakes told as events, but what is no request at all has its status', async () => {
    const { response, next } = await open('{ unknown }');
    expect(response.status).toBe(200);
    const told = await next();
    expect(told).toMatchObject(refused('BAD_USER_INPUT'));
    expect(JSON.stringify(told)).not.toContain('http');
    const search = new URLSearchParams({ query: 'mutation { say(text: "Hi") }' });
    const headers = { accept: 'text/event-stream' };
    const byGet = await fetch(`${serving.server.url}?${search}`, { headers });
    expect([byGet.status, byGet.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a subscription that is not asked for as events', () => {
  it('is told how, and opens nothing', async () => {
    const answer = await fetch(serving.server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: events }),
    });
    expect(answer.status).toBe(406);
    expect(await answer.text()).toContain('Accept: text/event-stream');
    expect(serving.feed.opened).toBe(0);
  });
});
