import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { openApnsService } from '../push/apns-service.ts';
import {
  type ApnsWorld,
  type ApnsWorldOptions,
  newApnsTarget,
  noteOf,
  openApnsWorld,
} from '../push/apns-world.ts';

// P9, and of P3 and P6 what concerns APNs. What becomes of the addresses is with the pipeline: it forgets those that are `gone`.

const closers: (() => Promise<unknown>)[] = [];
async function open(options?: ApnsWorldOptions): Promise<ApnsWorld> {
  const world = await openApnsWorld(options);
  closers.push(world.close);
  return world;
}
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const minuteMs = 60_000;
const secondMs = 1_000;

describe('P9: Apple', () => {
  it.each([
    [400, 'BadDeviceToken'],
    [400, 'DeviceTokenNotForTopic'],
    [410, 'Unregistered'],
    [410, 'ExpiredToken'],
  ])('says %d %s, and the address is gone', async (status, reason) => {
    const { push, service } = await open();
    service.answerWith({ status, reason, timestamp: 1_700_000_000_000 });
    expect(await push.send(newApnsTarget(), noteOf(1))).toEqual({ outcome: 'gone', status, reason });
  });

  it('has two places, and a token of a developer’s build is sent to theirs only', async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 1));
    const developers = await openApnsService({ clock });
    closers.push(developers.close);
    const { certificate, key, keyId, teamId } = developers;
    const identity = developers.identity;
    const store = await openApnsService({ identity, clock });
    closers.push(store.close);
    const origin = { production: store.origin, development: developers.origin };
    const { push } = await open({ ca: certificate, key, keyId, teamId, origin, clock });
    const build = { ...newApnsTarget(), isSandbox: true };
    store.answerWith(({ token }) =>
      token === build.token ? { status: 400, reason: 'BadDeviceToken' } : undefined,
    );
    expect(await push.send(build, noteOf(1))).toMatchObject({ outcome: 'accepted' });
    expect([developers.received.length, store.requests()]).toEqual([1, 0]);
    // It was registered under the wrong word: it will never be good there.
    const wrong = { ...build, isSandbox: false };
    expect(await push.send(wrong, noteOf(1))).toMatchObject({ outcome: 'gone', reason: 'BadDeviceToken' });
    expect(await push.send(newApnsTarget(), noteOf(1))).toMatchObject({ outcome: 'accepted' });
  });

  it('gets one token of the provider, new ones rarely, and never two in 20 minutes', async () => {
    const { push, service, clock } = await open({ isStrictAboutTokens: true });
    const outcomes = new Set<string>();
    for (let minute = 0; minute < 180; minute += 5) {
      outcomes.add((await push.send(newApnsTarget(), noteOf(1))).outcome);
      await clock.advance(5 * minuteMs);
    }
    expect([...outcomes]).toEqual(['accepted']);
    expect(service.providerTokens()).toBe(4);
  });

  it('that has heard too many tokens of this key is asked again later', async () => {
    const first = await open({ isStrictAboutTokens: true });
    await first.push.send(newApnsTarget(), noteOf(1));
    await first.clock.advance(secondMs);
    const { origin, settings } = first.service;
    const second = await open({ ...settings, origin });
    await second.clock.advance(secondMs);
    expect(await second.push.send(newApnsTarget(), noteOf(1))).toMatchObject({
      ...{ outcome: 'later', status: 429, reason: 'TooManyProviderTokenUpdates' },
    });
  });

  it('ends a connection, and whatever it did not look at arrives over the next, once', async () => {
    const { push, service } = await open();
    await push.send(newApnsTarget(), noteOf(1));
    const seen: string[] = [];
    service.answerWith(({ token }) => {
      seen.push(token);
      return 'never';
    });
    const targets = Array.from({ length: 20 }, newApnsTarget);
    const sending = targets.map((target) => push.send(target, noteOf(1)));
    await expect.poll(() => seen.length).toBe(20);
    service.answerWith({ status: 200 });
    service.goAway({ refusing: true });
    for (const answer of await Promise.all(sending)) expect(answer).toMatchObject({ outcome: 'accepted' });
    for (const { token } of targets) expect(service.visible(token)).toHaveLength(1);
    expect(service.received).toHaveLength(21);
    expect(service.connections().opened).toBe(2);
  });
});

describe('P3: a service that claims to be APNs', () => {
  it('and never answers, or a byte at a time, costs ten seconds at most', async () => {
    const { push, service, pass } = await open();
    for (const answer of ['never', { slowly: 400 }] as const) {
      const before = service.requests();
      service.answerWith(answer);
      const sending = push.send(newApnsTarget(), noteOf(1));
      await expect.poll(service.requests).toBe(before + 1);
      await pass(10 * secondMs);
      expect(await sending).toMatchObject({ outcome: 'later', status: null });
    }
  });

  it('and answers without end is cut off after 64 KB', async () => {
    const { push, service } = await open();
    service.answerWith({ endless: 400 });
    expect(await push.send(newApnsTarget(), noteOf(1))).toMatchObject({ outcome: 'refused', status: 400 });
    await expect.poll(service.running).toBe(0);
    // What was under way when it heard of that: the windows of a stream and of the connection, at most.
    expect(service.endlessBytes()).toBeLessThan(4 * 65_536);
  });

  it('and sends us elsewhere is not followed', async () => {
    const { push, service } = await open();
    const elsewhere = await openApnsService();
    closers.push(elsewhere.close);
    service.answerWith({ status: 301, location: `${elsewhere.origin}/3/device/00` });
    expect(await push.send(newApnsTarget(), noteOf(1))).toMatchObject({ outcome: 'refused', status: 301 });
    expect(elsewhere.connections().opened).toBe(0);
  });

  it('does not hold up those who send to others', async () => {
    const { push, service } = await open({ maxConcurrentStreams: 100 });
    const hostile = newApnsTarget();
    service.answerWith(({ token }) => (token === hostile.token ? 'never' : undefined));
    const held = Array.from({ length: 50 }, () => push.send(hostile, noteOf(1)));
    for (let nth = 0; nth < 20; nth += 1)
      expect(await push.send(newApnsTarget(), noteOf(1))).toMatchObject({ outcome: 'accepted' });
    service.dropConnections();
    expect(await Promise.all(held)).toHaveLength(50);
  });
});

describe('P6: APNs', () => {
  it('that is busy says for how long, within reason', async () => {
    const { push, service } = await open();
    const said = [
      ['7', 7_000],
      ['86400', 3_600_000],
      ['0', 0],
      [undefined, undefined],
    ] as const;
    for (const [retryAfter, retryAfterMs] of said)
      for (const status of [429, 503]) {
        service.answerWith({ status, reason: 'TooManyRequests', ...(retryAfter && { retryAfter }) });
        const answer = await push.send(newApnsTarget(), noteOf(1));
        expect(answer).toMatchObject({ outcome: 'later', status });
        expect(answer.retryAfterMs).toBe(retryAfterMs);
      }
  });

  it('and whatever becomes of it, no address, key or text is logged', async () => {
    const { push, service, logged, clock } = await open({ keyId: 'ZZZZZZZZZZ' });
    const phone = newApnsTarget();
    await push.send(phone, noteOf(1, 'hush hush'));
    await service.close();
    for (let nth = 0; nth < 3; nth += 1) {
      await push.send(phone, noteOf(1, 'hush hush'));
      await clock.advance(minuteMs);
    }
    expect(logged()).toContain('cannot be reached');
    expect(logged()).toContain('check APNS_KEY');
    const secrets = [phone.token, 'hush', 'Ada', 'bearer', 'eyJ', 'ZZZZZZZZZZ', service.teamId, 'PRIVATE'];
    for (const secret of secrets) expect(logged()).not.toContain(secret);
  });
});
