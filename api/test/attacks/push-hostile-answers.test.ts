import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { PushAnswer, PushTarget } from '../../../schema/ports/push.ts';
import { openWebPush } from '../../drivers/push.web.ts';
import { openWebPushService, type WebPushService } from '../push/web-push-service.ts';
import { makeTestVapid, openWebWorld, testStart } from '../push/web-world.ts';

// P3, P6 and P8 for Web Push: the other side does what it likes.

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
async function open() {
  const world = await openWebWorld();
  opened.push(world);
  return world;
}

const note = { kind: 'test' } as const;
const mostMs = 10_000;
const targetOf = (service: WebPushService): PushTarget => ({ service: 'WEB', ...service.subscribe() });

/** A driver that sends to several services. */
async function openTwo() {
  const clock = createManualClock(testStart);
  const services = [
    await openWebPushService({ now: clock.now }),
    await openWebPushService({ now: clock.now }),
  ] as const;
  const push = await openWebPush({
    ...{ vapid: makeTestVapid(), subject: 'https://chat.example/contact', clock },
    hosts: services.map(({ port }) => `localhost:${port}`),
    ca: services.map(({ certificate }) => certificate).join(''),
  });
  opened.push(...services, push);
  return { push, clock, services };
}

describe('P3: a hostile push service', () => {
  it.for([301, 302, 303, 307, 308])('that sends us elsewhere with %i is not followed', async (status) => {
    const { push, services } = await openTwo();
    const [hostile, inside] = services;
    hostile.answerWith({ status, headers: { location: `${inside.origin}/push/x` } });
    expect(await push.send(targetOf(hostile), note)).toMatchObject({ outcome: 'refused', status });
    expect(inside.traffic.connections).toBe(0);
  });

  it.for([201, 500])('that answers %i with a gigabyte is read for 64 KB', async (status) => {
    const { push, service, newTarget } = await open();
    service.answerWith({ status, more: 'endless' });
    expect(await push.send(newTarget(), note)).toMatchObject({ status });
    await expect.poll(() => service.traffic.open).toBe(0);
    // What the sockets of both sides hold is sent before anybody can stop it.
    expect(service.traffic.sentBytes).toBeLessThan(32 * 1_024 * 1_024);
  });

  it.for([
    [201, 'accepted'],
    [410, 'gone'],
    [500, 'later'],
  ] as const)('that drips a body behind %i takes ten seconds, and has said it', async ([status, outcome]) => {
    const { push, service, newTarget, requests, pass } = await open();
    service.answerWith({ status, body: '{"reason":"', more: 'dripping' });
    let answer: PushAnswer | undefined;
    const sending = push.send(newTarget(), note).then((given) => {
      answer = given;
    });
    await expect.poll(requests).toBe(1);
    while (answer === undefined) await pass(mostMs); // it may not be here yet when the time is over the first time
    await sending;
    expect(answer).toMatchObject({ outcome });
  });

  it('that never answers holds 20 connections and no other service up', async () => {
    const { push, clock, services } = await openTwo();
    const [silent, good] = services;
    silent.answerWith({ status: 'never' });
    const held = Array.from({ length: 60 }, () => push.send(targetOf(silent), note));
    await expect.poll(() => silent.traffic.requests).toBe(20);
    for (let nth = 0; nth < 30; nth += 1)
      expect(await push.send(targetOf(good), note)).toMatchObject({ outcome: 'accepted' });
    expect(silent.traffic).toMatchObject({ requests: 20, connections: 20 });
    await clock.advance(mostMs);
    for (const answer of await Promise.all(held))
      expect(answer).toMatchObject({ outcome: 'later', status: null });
    // Those that waited in vain have not been sent afterwards either.
    expect(silent.received).toHaveLength(20);
  });

  it('that has been silent is asked by one at a time, until it answers', async () => {
    const { push, clock, services } = await openTwo();
    const [silent] = services;
    silent.answerWith({ status: 'never' });
    const held = Array.from({ length: 20 }, () => push.send(targetOf(silent), note));
    await expect.poll(() => silent.traffic.requests).toBe(20);
    await clock.advance(mostMs);
    await Promise.all(held);
    const early = { outcome: 'later', status: null, retryAfterMs: 5_000 };
    expect(await push.send(targetOf(silent), note)).toMatchObject(early);
    expect(silent.traffic.requests).toBe(20);

    await clock.advance(5_000);
    const probe = push.send(targetOf(silent), note);
    await expect.poll(() => silent.traffic.requests).toBe(21);
    expect(await push.send(targetOf(silent), note)).toMatchObject(early);
    await clock.advance(mostMs);
    expect(await probe).toMatchObject({ outcome: 'later' });

    silent.answerWith({ status: 201 });
    expect(await push.send(targetOf(silent), note)).toMatchObject(early);
    await clock.advance(5_000);
    for (let nth = 0; nth < 3; nth += 1)
      expect(await push.send(targetOf(silent), note)).toMatchObject({ outcome: 'accepted' });
  });

  it('does not get more than 220 to wait for it at once', async () => {
    const { push, clock, services } = await openTwo();
    const [silent] = services;
    silent.answerWith({ status: 'never' });
    const held = Array.from({ length: 220 }, () => push.send(targetOf(silent), note));
    expect(await push.send(targetOf(silent), note)).toMatchObject({ outcome: 'later', retryAfterMs: 1_000 });
    await expect.poll(() => silent.traffic.requests).toBe(20);
    await clock.advance(mostMs);
    await Promise.all(held);
  });

  it('cannot make us send with keys that are none', async () => {
    const { push, newTarget, requests } = await open();
    for (const keys of [
      { p256dh: 'AAAA' },
      { p256dh: Buffer.alloc(65, 4).toString('base64url') },
      { auth: 'AA' },
    ])
      expect(await push.send({ ...newTarget(), ...keys }, note)).toMatchObject({
        outcome: 'refused',
        status: null,
      });
    expect(requests()).toBe(0);
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'accepted' });
  });
});

describe('P6: a push service', () => {
  it.for([404, 410])('that knows a device no more (%i) is heard', async (status) => {
    const { push, service, newTarget } = await open();
    service.answerWith({ status });
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'gone', status });
  });

  it('that forgets one device goes on with the others', async () => {
    const { push, service } = await open();
    const [gone, here] = [targetOf(service), targetOf(service)];
    if (gone.service === 'WEB') service.unsubscribe(gone.url);
    expect(await push.send(gone, note)).toMatchObject({ outcome: 'gone', status: 410 });
    expect(await push.send(here, note)).toMatchObject({ outcome: 'accepted' });
  });

  it('that wants fewer says when, as seconds or as a date', async () => {
    const { push, service, newTarget, clock } = await open();
    const date = new Date(clock.now() + 90_000).toUTCString();
    for (const [retryAfter, retryAfterMs] of [
      ['30', 30_000],
      [date, 90_000],
    ] as const) {
      service.answerWith({ status: 429, headers: { 'retry-after': retryAfter } });
      expect(await push.send(newTarget(), note)).toMatchObject({
        outcome: 'later',
        status: 429,
        retryAfterMs,
      });
    }
  });
});

describe('P8: what we show to a push service', () => {
  const hour = 60 * 60 * 1_000;

  it('is for that service alone, and good for twelve hours at most', async () => {
    const { push, clock, services } = await openTwo();
    for (const service of services) {
      expect(await push.send(targetOf(service), note)).toMatchObject({ outcome: 'accepted' });
      expect(service.problems).toEqual([]);
      const [{ sender } = expect.fail()] = service.received;
      expect(sender.expiresAt - clock.now()).toBeLessThanOrEqual(12 * hour);
      expect(sender.subject).toBe('https://chat.example/contact');
      expect(sender.key).toBe(push.vapidPublicKey);
    }
  });

  it('is made anew when half of that is over, and not before', async () => {
    const { push, clock, services } = await openTwo();
    const [service] = services;
    const ends: number[] = [];
    for (const wait of [0, 6 * hour - 1_000, 1_000, 12 * hour]) {
      await clock.advance(wait);
      expect(await push.send(targetOf(service), note)).toMatchObject({ outcome: 'accepted' });
      ends.push(service.received.at(-1)?.sender.expiresAt ?? 0);
    }
    const [first = 0] = ends;
    expect(ends.map((end) => (end - first) / hour)).toEqual([0, 0, 6, 18]);
    expect(service.problems).toEqual([]);
  });

  it('is no use to somebody who got it from there', async () => {
    const { push, services } = await openTwo();
    const [hostile, other] = services;
    const bound = other.subscribe(push.vapidPublicKey);
    const stranger = await openWebWorld({ hosts: [`localhost:${other.port}`], ca: other.certificate });
    opened.push(stranger);
    expect(await stranger.push.send({ service: 'WEB', ...bound }, note)).toMatchObject({
      outcome: 'refused',
      status: 403,
    });
    expect(await push.send(targetOf(hostile), note)).toMatchObject({ outcome: 'accepted' });
    expect(await push.send({ service: 'WEB', ...bound }, note)).toMatchObject({ outcome: 'accepted' });
  });
});
