import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { request } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { pushNote } from '../../../schema/ports/push.contract.ts';
import { decryptPush, makeWebKeys } from './web-decrypt.ts';
import { openWebPushService, type WebPushService } from './web-push-service.ts';
import { checkVapid } from './web-vapid.ts';
import { openWebWorld } from './web-world.ts';

// The local push service is only worth something as long as it is as strict as the standards.

const bytes = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'base64url');

describe('the example of RFC 8291', () => {
  const body = bytes(`DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml
    mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT
    pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN`);
  const keys = makeWebKeys({
    privateKey: bytes('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
    auth: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
  });

  it('is opened', () => {
    expect(decryptPush(body, keys)).toBe('When I grow up, I want to be a watermelon');
  });

  it('is not opened with another secret, another key, or a byte that was changed', () => {
    expect(() => decryptPush(body, { ...keys, auth: Buffer.alloc(16) })).toThrow();
    expect(() => decryptPush(body, { ...keys, pair: makeWebKeys().pair })).toThrow();
    for (const place of [3, 30, 100, body.length - 1]) {
      const changed = Buffer.from(body);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(() => decryptPush(changed, keys), `byte ${place}`).toThrow();
    }
    expect(() => decryptPush(body.subarray(0, 90), keys)).toThrow('too short');
  });
});

describe('the example of RFC 8292', () => {
  const header = `vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9${'.'}eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs`;
  const asked = { origin: 'https://push.example.net', now: 1_453_500_000_000 };

  it('is good there and then, and nowhere else', () => {
    expect(checkVapid(header, asked)).toMatchObject({ subject: 'mailto:push@example.com' });
    expect(() => checkVapid(header, { ...asked, origin: 'https://push.example' })).toThrow('another service');
    expect(() => checkVapid(header, { ...asked, now: 1_453_523_768_000 })).toThrow('over');
    expect(() => checkVapid(header, { ...asked, now: 1_453_400_000_000 })).toThrow('more than a day');
    expect(() => checkVapid(header.replace('i3CYb', 'i3CYc'), asked)).toThrow('signature');
  });
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object, { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  const told = `${base64url({ typ: 'JWT', alg: 'ES256' })}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(told), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return `vapid t=${told}.${signature.toString('base64url')}, k=${raw.toString('base64url')}`;
}

type Asked = { readonly url: string; readonly headers: Record<string, string>; readonly body?: Buffer };
const post = (service: WebPushService, { url, headers, body = Buffer.alloc(200) }: Asked) =>
  new Promise<number | undefined>((resolve, reject) => {
    const asking = request(url, { method: 'POST', ca: service.certificate, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.once('error', reject);
    asking.end(body);
  });

describe('the local push service', () => {
  async function open() {
    const service = await openWebPushService();
    opened.push(service);
    const claims = (more: object = {}) => ({
      ...{ aud: service.origin, exp: Math.floor(Date.now() / 1_000) + 3_600, sub: 'mailto:a@example.org' },
      ...more,
    });
    const good = { authorization: signed(claims(), pair()), ttl: '60', 'content-encoding': 'aes128gcm' };
    return { service, claims, good, url: service.subscribe().url };
  }

  it('refuses what RFC 8030 and 8292 forbid', async () => {
    const { service, claims, good, url } = await open();
    const exp = Math.floor(Date.now() / 1_000);
    const { ttl: _, ...withoutTtl } = good;
    const refusals: readonly [number, Record<string, string>, Buffer?][] = [
      [401, { ...good, authorization: '' }],
      [401, { ...good, authorization: signed(claims({ aud: 'https://push.example' }), pair()) }],
      [401, { ...good, authorization: signed(claims({ exp: exp + 90_000 }), pair()) }],
      [401, { ...good, authorization: signed(claims({ exp: exp - 1 }), pair()) }],
      [401, { ...good, authorization: signed(claims({ sub: 'nobody' }), pair()) }],
      [401, { ...good, authorization: signed(claims(), { ...pair(), publicKey: pair().publicKey }) }],
      [400, withoutTtl],
      [400, { ...good, topic: 'x'.repeat(33) }],
      [400, { ...good, topic: 'a b' }],
      [400, { ...good, urgency: 'now' }],
      [400, { ...good, 'content-encoding': 'aesgcm' }],
      [413, good, Buffer.alloc(4_097)],
    ];
    for (const [status, headers, body] of refusals)
      expect(await post(service, { url, headers, ...(body && { body }) }), JSON.stringify(headers)).toBe(
        status,
      );
    expect(service.problems).toHaveLength(refusals.length);
    expect(await post(service, { url: service.subscribe('another key').url, headers: good })).toBe(403);
    expect(await post(service, { url: `${service.origin}/nothing`, headers: good })).toBe(404);
    expect(service.received).toEqual([]);
  });

  it('takes what it cannot look into, and the device drops it', async () => {
    const { service, good, url } = await open();
    expect(await post(service, { url, headers: good })).toBe(201);
    expect(service.problems).toHaveLength(1);
    expect(service.deviceOf(url).visible()).toEqual([]);
  });
});

describe('a browser behind the local push service', () => {
  const hello = pushNote({ preview: 'NOTHING' });
  const { channelId } = hello;
  const clear = (number: number, badge = 0) => ({ kind: 'clear', channelId, number, badge }) as const;
  async function open() {
    const world = await openWebWorld();
    opened.push(world);
    const target = world.newTarget();
    const device = world.service.deviceOf(target.service === 'WEB' ? target.url : '');
    const numbers = () => device.visible().map(({ number }) => number);
    const send = (note: Parameters<typeof world.push.send>[1]) => world.push.send(target, note);
    return { ...world, device, numbers, send };
  }

  it('shows one notification for each channel, the newest, until it is cleared', async () => {
    const { device, numbers, send } = await open();
    await send(hello);
    await send({ ...hello, number: 10 });
    expect(numbers()).toEqual([10]);
    await send(clear(9, 3));
    expect(numbers()).toEqual([10]);
    await send(clear(10));
    expect([numbers(), device.badge(), device.alerts().length]).toEqual([[], 0, 2]);
  });

  it('gets what was sent while it was away: the last of each topic, and nothing whose time is over', async () => {
    const { device, numbers, send, pass } = await open();
    device.setAway(true);
    for (const number of [9, 10, 11]) await send({ ...hello, number });
    expect(device.alerts()).toEqual([]);
    device.setAway(false);
    expect([numbers(), device.alerts().length]).toEqual([[11], 1]);
    device.setAway(true);
    await send({ ...hello, number: 12 });
    await send(clear(12));
    device.setAway(false);
    expect([numbers(), device.alerts().length]).toEqual([[], 1]);
    device.setAway(true);
    await send({ ...hello, number: 13 });
    await pass(24 * 60 * 60 * 1_000);
    device.setAway(false);
    expect(numbers()).toEqual([]);
  });

  it('gets only what the service says it took, or took without saying it', async () => {
    const { service, numbers, send } = await open();
    service.answerWith({ status: 503 });
    await send(hello);
    expect(numbers()).toEqual([]);
    service.answerWith({ status: 503, isTaken: true });
    expect(await send(hello)).toMatchObject({ outcome: 'later' });
    expect(numbers()).toEqual([9]);
  });
});
