import { createECDH } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../limits.ts';
import { isInvalidInput } from '../verdict.ts';
import { isPoint } from './p-256.ts';
import { type ApnsAddress, checkAddress, type WebPushAddress } from './push-endpoint.policy.ts';

const key = createECDH('prime256v1').generateKeys();
const keys = { p256dh: key.toString('base64url'), auth: Buffer.alloc(16, 255).toString('base64url') };
const good = 'https://fcm.googleapis.com/fcm/send/d1:APA91b';

const web = (given: Partial<Omit<WebPushAddress, 'url'>> & { readonly url?: string }, hosts?: string[]) =>
  checkAddress(
    { web: { ...keys, ...given, url: new URL(given.url ?? good) } },
    hosts ?? defaultLimits.pushHosts,
  );
const apns = (given: Partial<ApnsAddress>) =>
  checkAddress({ apns: { token: 'a'.repeat(64), topic: 'com.example.chat', ...given } }, []);
/** `allowed`, or the field that is to blame and how. */
const said = (answer: ReturnType<typeof checkAddress>) =>
  isInvalidInput(answer) ? `${answer.field.join('.')} ${answer.code}` : 'allowed';

describe('the URL of a Web Push endpoint', () => {
  it.for([
    ['of Chrome', good],
    ['of Firefox', 'https://updates.push.services.mozilla.com/wpush/v2/gAAAA'],
    ['of Edge', 'https://db5p.notify.windows.com/w/?token=a%2bb'],
    ['of Safari', 'https://web.push.apple.com/QGw'],
    ['deeper below', 'https://a.b-1.push.apple.com/Q'],
    ['with its port', 'https://fcm.googleapis.com:443/fcm/send/1'],
    ['in capitals', 'HTTPS://FCM.GOOGLEAPIS.COM/fcm/send/1'],
    ['of 2,048 characters', good.padEnd(2_048, 'x')],
  ])('is taken %s', ([, url = '']) => {
    const answer = web({ url });
    expect(said(answer)).toBe('allowed');
    expect(answer).toMatchObject({ url: new URL(url).href });
  });

  it.for([
    ['anywhere', 'https://evil.example/'],
    ['without TLS', 'http://fcm.googleapis.com/fcm/send/1'],
    ['by another scheme', 'wss://fcm.googleapis.com/fcm/send/1'],
    ['of a file', 'file:///etc/passwd'],
    ['at another port', 'https://fcm.googleapis.com:8443/fcm/send/1'],
    ['at the port of HTTP', 'https://fcm.googleapis.com:80/fcm/send/1'],
    ['with a name', 'https://fcm.googleapis.com@evil.example/'],
    ['with a name at the right place', 'https://me@fcm.googleapis.com/1'],
    ['with a password only', 'https://:secret@fcm.googleapis.com/1'],
    ['with a fragment', `${good}#a`],
    ['with an empty fragment', `${good}#`],
    ['with a dot at the end', 'https://fcm.googleapis.com./fcm/send/1'],
    ['with a dot at the end, below', 'https://web.push.apple.com./Q'],
    ['below what has nothing below', 'https://a.fcm.googleapis.com/1'],
    ['that ends like one', 'https://evilpush.apple.com/Q'],
    ['that ends like one, with letters before', 'https://notfcm.googleapis.com/1'],
    ['that begins like one', 'https://fcm.googleapis.com.evil.example/1'],
    ['of which only the end is there', 'https://push.apple.com/Q'],
    ['with an empty label', 'https://.push.apple.com/Q'],
    ['with an empty label inside', 'https://a..push.apple.com/Q'],
    ['that looks like one (Cyrillic c)', 'https://f\u0441m.googleapis.com/1'],
    ['that looks like one (Punycode)', 'https://xn--fm-nmc.googleapis.com/1'],
    ['of an IPv4 address', 'https://127.0.0.1/1'],
    ['of an IPv4 address, as one number', 'https://2130706433/1'],
    ['of an IPv6 address', 'https://[::1]/1'],
    ['with a host in its path', 'https://evil.example/fcm.googleapis.com'],
    ['with a host behind a backslash', 'https://evil.example\\@fcm.googleapis.com/'],
    ['that stays on this computer', 'https://localhost/1'],
  ])('is refused %s', ([, url = '']) => {
    expect(said(web({ url }))).toBe('address.web.url MALFORMED');
  });

  it('is refused when it is too long', () => {
    expect(said(web({ url: good.padEnd(2_049, 'x') }))).toBe('address.web.url TOO_LONG');
  });

  it('may be where whoever runs the server says, at that port and at no other', () => {
    const hosts = ['push.example', 'relay.example:8443', '*.below.example', '127.0.0.1:9000'];
    const taken = ['https://push.example/1', 'https://relay.example:8443/1', 'https://a.below.example/1'];
    for (const url of [...taken, 'https://127.0.0.1:9000/1'])
      expect(said(web({ url }, hosts))).toBe('allowed');
    for (const url of [
      'https://push.example:8443/1',
      'https://relay.example/1',
      'https://relay.example:8444/1',
      'https://below.example/1',
      'https://127.0.0.1/1',
      good,
    ])
      expect(said(web({ url }, hosts)), url).toBe('address.web.url MALFORMED');
  });
});

describe('the keys of a Web Push endpoint', () => {
  it('are kept in one form, with padding or without', () => {
    const padded = { p256dh: `${keys.p256dh}=`, auth: `${keys.auth}==` };
    for (const given of [keys, padded])
      expect(web(given)).toEqual({ service: 'WEB', url: new URL(good).href, ...keys });
  });

  const changed = (at: number, by: number) => {
    const bytes = Uint8Array.from(key);
    bytes[at] = (bytes[at] ?? 0) ^ by;
    return Buffer.from(bytes).toString('base64url');
  };
  it.for([
    ['a key beside the curve', { p256dh: changed(64, 1) }, 'p256dh'],
    ['a key that does not begin with 4', { p256dh: changed(0, 1) }, 'p256dh'],
    ['a compressed key', { p256dh: key.subarray(0, 33).toString('base64url') }, 'p256dh'],
    [
      'a key with a byte more',
      { p256dh: Buffer.concat([key, key.subarray(0, 1)]).toString('base64url') },
      'p256dh',
    ],
    [
      'a key of zeros',
      { p256dh: Buffer.concat([Buffer.of(4), Buffer.alloc(64)]).toString('base64url') },
      'p256dh',
    ],
    ['no key', { p256dh: '' }, 'p256dh'],
    ['a key in plain base64', { p256dh: Buffer.alloc(65, 0xff).toString('base64') }, 'p256dh'],
    ['a key of many letters', { p256dh: 'B'.repeat(100_000) }, 'p256dh'],
    ['a key with blanks', { p256dh: ` ${keys.p256dh}` }, 'p256dh'],
    ['a secret of 15 bytes', { auth: Buffer.alloc(15).toString('base64url') }, 'auth'],
    ['a secret of 17 bytes', { auth: Buffer.alloc(17).toString('base64url') }, 'auth'],
    ['a secret with bits that mean nothing', { auth: `${'A'.repeat(21)}B` }, 'auth'],
    ['no secret', { auth: '' }, 'auth'],
  ] as const)('are refused: %s', ([, given, field]) => {
    expect(said(web(given))).toBe(`address.web.${field} MALFORMED`);
  });

  it('are points of the curve that everybody else means by it', () => {
    for (let count = 0; count < 50; count += 1)
      expect(isPoint(createECDH('prime256v1').generateKeys())).toBe(true);
    for (const curve of ['secp256k1', 'brainpoolP256r1'])
      expect(isPoint(createECDH(curve).generateKeys()), curve).toBe(false);
  });
});

describe('the address of an app', () => {
  it('is kept in lower case, for production when nothing is said', () => {
    const token = 'AB'.repeat(32);
    expect(apns({ token })).toEqual({
      ...{ service: 'APNS', token: token.toLowerCase() },
      ...{ topic: 'com.example.chat', isSandbox: false },
    });
    expect(apns({ isSandbox: true })).toMatchObject({ isSandbox: true });
  });

  it.for([
    ['a token of 200 digits', { token: '0'.repeat(200) }, 'allowed'],
    ['a short token', { token: '0'.repeat(63) }, 'address.apns.token MALFORMED'],
    ['a long token', { token: '0'.repeat(201) }, 'address.apns.token MALFORMED'],
    ['a token of other letters', { token: 'g'.repeat(64) }, 'address.apns.token MALFORMED'],
    ['a token that leads elsewhere', { token: `${'0'.repeat(64)}/../x` }, 'address.apns.token MALFORMED'],
    ['a token with a second line', { token: `${'0'.repeat(64)}\n` }, 'address.apns.token MALFORMED'],
    ['a topic of one word', { topic: 'chat' }, 'address.apns.topic MALFORMED'],
    ['a topic with a second line', { topic: 'com.example\r\napns-id: 1' }, 'address.apns.topic MALFORMED'],
    ['a topic with an empty part', { topic: 'com..chat' }, 'address.apns.topic MALFORMED'],
    ['a topic that is too long', { topic: `com.${'a'.repeat(152)}` }, 'address.apns.topic MALFORMED'],
    ['no topic', { topic: '' }, 'address.apns.topic MALFORMED'],
  ] as const)('%s: %s', ([, given, outcome]) => {
    expect(said(apns(given))).toBe(outcome);
  });
});

it('neither of the two is no address', () => {
  expect(said(checkAddress({}, []))).toBe('address EMPTY');
});

it('what is refused is never repeated in what is said about it', () => {
  const secret = 'hu-sh';
  for (const answer of [
    web({ url: `http://${secret}.example/${secret}` }),
    web({ url: `https://${secret}.example/${secret}` }),
    web({ url: `https://${secret}@fcm.googleapis.com/` }),
    web({ url: `${good}#${secret}` }),
    web({ url: good + secret.repeat(600) }),
    web({ p256dh: secret }),
    web({ auth: secret }),
    apns({ token: secret }),
    apns({ topic: secret }),
  ]) {
    expect(said(answer)).not.toBe('allowed');
    expect(JSON.stringify(answer)).not.toContain(secret);
  }
});
