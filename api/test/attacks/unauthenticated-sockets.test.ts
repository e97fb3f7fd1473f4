import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { socketLimits } from '../../socket/admission.ts';
import { closeProduct, openServing, type Serving, type ServingOptions } from '../serving/serving.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../serving/wire-client.ts';

// T3, T4, T6: sockets that nobody answers for, and too many of them.

let serving: Serving;
const open = async (options?: ServingOptions) => {
  serving = await openServing(options);
  return serving.server.socketUrl;
};
afterEach(() => serving.close());
afterAll(closeProduct);

describe('T3: a socket that says nothing', () => {
  it('is closed with 4408, after 3 seconds by default', async () => {
    const url = await open({ limits: { initMs: 20 } });
    const client = await openWire(url);
    expect(await client.closed).toMatchObject({ code: 4408 });
    expect(socketLimits.initMs).toBe(3_000);
  });

  it('is one of at most a hundred of its address; the next is sent away with 1013, and a place comes back', async () => {
    expect(socketLimits.pendingSocketsPerAddress).toBe(100);
    const url = await open({ settings: { PENDING_SOCKETS_PER_ADDRESS: '5' } });
    const silent = await Promise.all(Array.from({ length: 5 }, () => openWire(url)));
    await expect.poll(() => serving.server.counts.pendingSockets).toBe(5);
    const many = await Promise.all(Array.from({ length: 100 }, () => openWire(url)));
    for (const client of many) expect(await client.closed).toMatchObject({ code: 1013 });
    expect(serving.server.counts.sockets).toBe(5);
    silent[0]?.send({ type: 'connection_init' });
    expect(await silent[0]?.next()).toEqual({ type: 'connection_ack' });
    expect(serving.server.counts.pendingSockets).toBe(4);
    await silent[1]?.close();
    await expect.poll(() => serving.server.counts).toMatchObject({ pendingSockets: 3, sockets: 4 });
    await openAcknowledged(url);
  });
});

describe('T4: a socket that asks before it is acknowledged', () => {
  it('is closed with 4401', async () => {
    const url = await open();
    const client = await openWire(url);
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('is closed with 4401 also when its token is just being checked', async () => {
    const url = await open();
    const client = await openWire(url);
    client.send({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    client.send(subscribeFrame('a', '{ hello }'));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.frames).not.toContainEqual(expect.objectContaining({ type: 'next' }));
  });
});

describe('T6: too many sockets', () => {
  it('of one address are sent away with 1013, a thousand being allowed by default', async () => {
    expect(socketLimits.socketsPerAddress).toBe(1_000);
    const url = await open({ settings: { SOCKETS_PER_ADDRESS: '3' } });
    for (let count = 0; count < 3; count += 1) await openAcknowledged(url);
    const one = await openWire(url);
    expect(await one.closed).toMatchObject({ code: 1013 });
  });

  it('of one person are sent away with 1013, twenty being allowed by default; others are not affected', async () => {
    expect(socketLimits.socketsPerUser).toBe(20);
    const url = await open({ settings: { SOCKETS_PER_USER: '2' } });
    const first = await openAcknowledged(url, 'ada');
    await openAcknowledged(url, 'ada');
    const third = await openWire(url);
    third.send({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    expect(await third.closed).toMatchObject({ code: 1013 });
    await openAcknowledged(url, 'bob');
    await first.close();
    await expect.poll(() => serving.server.counts.sockets).toBe(2);
    await openAcknowledged(url, 'ada');
  });
});

describe('T6: one address that opens socket after socket', () => {
  it('uses up nothing of the rate at which others are let in', async () => {
    const clock = createManualClock(Date.now());
    const settings = {
      SOCKETS_PER_SECOND: '5',
      PENDING_SOCKETS_PER_ADDRESS: '3',
      TRUSTED_PROXIES: '127.0.0.1',
    };
    const url = await open({ clock, settings });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const hostile = await Promise.all(Array.from({ length: 60 }, () => openWire(url, from('203.0.113.9'))));
    const closed = hostile.map((client) => client.closed.then(({ code }) => code));
    await expect.poll(() => serving.server.counts.pendingSockets).toBe(3);
    for (let other = 1; other <= 7; other += 1)
      await openAcknowledged(url, undefined, from(`198.51.100.${other}`));
    for (const client of hostile) client.webSocket.terminate();
    expect((await Promise.all(closed)).filter((code) => code === 1013).length).toBeGreaterThan(50);
  });
});

describe('T6: a storm: all clients come back at once', () => {
  it('is let in at a set rate, a thousand a second by default; the others are sent away with 1013 and come back', async () => {
    expect(socketLimits.socketsPerSecond).toBe(1_000);
    const clock = createManualClock(Date.now());
    const url = await open({ clock, settings: { SOCKETS_PER_SECOND: '10' } });
    const comes = async () => {
      const client = await openWire(url);
      client.send({ type: 'connection_init' });
      const ended = client.closed.then(({ code }) => code);
      return Promise.race([
        client.until(({ type }) => type === 'connection_ack').then(() => 'in'),
        ended,
      ]).catch(() => ended);
    };
    const storm = async (clients: number) => {
      const outcomes = await Promise.all(Array.from({ length: clients }, comes));
      return {
        in: outcomes.filter((one) => one === 'in').length,
        away: outcomes.filter((one) => one === 1013).length,
      };
    };
    expect(await storm(100)).toEqual({ in: 20, away: 80 });
    await clock.advance(1_000);
    expect(await storm(80)).toEqual({ in: 10, away: 70 });
    await clock.advance(2_000);
    expect(await storm(70)).toEqual({ in: 20, away: 50 });
  });
});
