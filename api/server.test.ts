import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { createManualClock } from '../schema/ports/clock.manual.ts';
import { addressesOf } from './http/listening.ts';
import { openRawSocket } from './test/serving/raw-socket.ts';
import { closeProduct, openServing } from './test/serving/serving.ts';
import { openAcknowledged, openWire, subscribeFrame } from './test/serving/wire-client.ts';

afterAll(closeProduct);

const events = 'subscription { events { eventId } }';

describe('a server that closes', () => {
  it('sends its sockets away with 1012, ends what they ran, and listens no more', async () => {
    const { server, feed, close } = await openServing();
    const clients = await Promise.all(Array.from({ length: 20 }, () => openAcknowledged(server.socketUrl)));
    for (const client of clients) client.send(subscribeFrame('a', events));
    await expect.poll(() => feed.liveReaders).toBe(20);
    await close();
    for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012 });
    expect(feed.liveReaders).toBe(0);
    expect(server.counts).toMatchObject({ sockets: 0, pendingSockets: 0, operations: 0 });
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('waits neither for clients that do not answer nor for idle connections, and ends streams in order', async () => {
    const { server, feed, close } = await openServing();
    await openRawSocket(server.socketUrl);
    const idle = connect(server.port, '127.0.0.1');
    idle.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'data');
    const stream = await fetch(`${server.url}?query=${encodeURIComponent(events)}`, {
      headers: { accept: 'text/event-stream' },
    });
    await expect.poll(() => feed.liveReaders).toBe(1);
    await close();
    expect(await stream.text()).toBe(':\n\n'); // without `complete`: its client comes back
    await expect.poll(() => feed.liveReaders).toBe(0);
    await expect.poll(() => idle.readableEnded || idle.destroyed).toBe(true);
  });

  it('spreads that over DRAIN_SECONDS: not ready, no new sockets, and those that stay are served', async () => {
    const clock = createManualClock(1_000_000);
    const { server, close } = await openServing({ clock, settings: { DRAIN_SECONDS: '10' } });
    const clients = await Promise.all(Array.from({ length: 10 }, () => openAcknowledged(server.socketUrl)));
    const gone = () => clients.filter(({ webSocket }) => webSocket.readyState === webSocket.CLOSED).length;
    const closed = close();
    expect((await fetch(new URL('/readyz', server.url))).status).toBe(503);
    expect((await fetch(new URL('/livez', server.url))).status).toBe(200);
    await expect(openWire(server.socketUrl)).rejects.toThrow('503');
    for (let second = 1; second <= 9; second += 1) {
      await expect.poll(gone).toBe(second);
      await clock.advance(1_000);
    }
    await expect.poll(gone).toBe(10);
    await clock.advance(2_000);
    await closed;
    expect(close()).toBe(closed);
  });
});

describe('a server that opens', () => {
  it('says which port it cannot have', async () => {
    const { server, close } = await openServing();
    const second = openServing({ settings: { PORT: `${server.port}` } });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'listen', port: server.port });
    await close();
  });

  it.for([
    [{ HOST: '127.0.0.1' }, 'http://127.0.0.1:4000/graphql', 'ws://127.0.0.1:4000/graphql'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:4000/graphql', 'ws://localhost:4000/graphql'],
    [{ HOST: '::1' }, 'http://[::1]:4000/graphql', 'ws://[::1]:4000/graphql'],
    [
      { HOST: '0.0.0.0', PUBLIC_URL: 'https://chat.example' },
      'https://chat.example/graphql',
      'wss://chat.example/graphql',
    ],
  ] as const)('with %j is found at %s', ([settings, url, socketUrl]) => {
    expect(addressesOf({ PORT: 4000, PUBLIC_URL: undefined, ...settings }, 4000)).toEqual({ url, socketUrl });
  });
});
