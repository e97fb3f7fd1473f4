import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PushTarget } from '../../../schema/ports/push.ts';
import type { Address } from '../../drivers/push.web-addresses.ts';
import { openWebPushService } from '../push/web-push-service.ts';
import { openWebWorld, testStart, type WebWorldOptions } from '../push/web-world.ts';

// P2: what is registered as a push service is inside the network of the server, from the beginning or later.

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const one of opened.splice(0)) await one.close();
});
async function open(options: WebWorldOptions = {}) {
  const world = await openWebWorld(options);
  opened.push(world);
  /** A device whose keys are good, at another address. */
  const targetAt = (url: string): PushTarget => ({ service: 'WEB', ...world.service.subscribe(), url });
  return { ...world, targetAt };
}

const note = { kind: 'test' } as const;
const at = (...addresses: readonly string[]): Address[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const publicHost = 'https://fcm.googleapis.com/fcm/send/x';
const forbidden = {
  ...{ outcome: 'refused', status: null },
  reason: 'The host of this device is not at a public address.',
};
const unlisted = { ...forbidden, reason: 'The host of this device is not on the list.' };

describe('P2: a name of a push service', () => {
  it.for([
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:10.0.0.1',
    '100.64.0.1',
    '10.0.0.1',
    '192.168.0.1',
    'fd00::1',
    'fe80::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
    '0.0.0.0',
  ])('that means %s is not connected to', async (address) => {
    const { push, targetAt } = await open({ lookup: async () => at(address) });
    expect(await push.send(targetAt(publicHost), note)).toEqual(forbidden);
  });

  it('that means one such address among public ones is not connected to', async () => {
    const { push, targetAt } = await open({ lookup: async () => at('8.8.8.8', '127.0.0.1') });
    expect(await push.send(targetAt(publicHost), note)).toEqual(forbidden);
  });

  it('is looked up again for each connection, so one that changes its meaning is noticed', async () => {
    const asked: string[] = [];
    let isFlipped = false;
    const lookup = async (host: string) => {
      asked.push(host);
      if (isFlipped) return at('127.0.0.1');
      throw Object.assign(new Error('Not now.'), { code: 'EAI_AGAIN' });
    };
    const { push, targetAt } = await open({ lookup });
    expect(await push.send(targetAt(publicHost), note)).toMatchObject({ outcome: 'later' });
    isFlipped = true;
    expect(await push.send(targetAt(publicHost), note)).toEqual(forbidden);
    expect(asked).toEqual(['fcm.googleapis.com', 'fcm.googleapis.com']);
  });

  it('does not get the trust that an operator has put into another', async () => {
    const service = await openWebPushService({ now: () => testStart });
    opened.push(service);
    const { push, targetAt, newTarget } = await open({
      hosts: [`localhost:${service.port}`],
      ca: service.certificate,
      lookup: async () => at('127.0.0.1'),
    });
    const { url, ...keys } = service.subscribe();
    expect(await push.send({ service: 'WEB', url, ...keys }, note)).toMatchObject({ outcome: 'accepted' });
    expect(await push.send(targetAt(publicHost), note)).toEqual(forbidden);
    // The host of the world is on nobody's list here.
    expect(await push.send(newTarget(), note)).toEqual(unlisted);
    expect(service.traffic).toMatchObject({ requests: 1, connections: 1 });
  });
});

describe('P2: an address that is on no list', () => {
  it.for([
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://8.8.8.8/x',
    'https://evil.example/x',
    'https://fcm.googleapis.com.evil.example/x',
    'https://fcm.googleapis.com./x',
    'https://fcm.googleapis.com:8443/x',
    'https://x@fcm.googleapis.com/x',
    'https://push.apple.com/x',
    'https://evilpush.apple.com/x',
    'http://fcm.googleapis.com/x',
    'ftp://fcm.googleapis.com/x',
    'no address',
    '',
  ])('is refused at the sending too: %s', async (url) => {
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return at('127.0.0.1');
    };
    const { push, targetAt } = await open({ lookup });
    expect(await push.send(targetAt(url), note)).toEqual(unlisted);
    expect(asked).toEqual([]);
  });

  it('is one with another port than that which an operator has named', async () => {
    const { push, service, targetAt, newTarget } = await open();
    const other = await openWebPushService();
    opened.push(other);
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'accepted' });
    for (const url of [`${other.origin}/push/x`, `https://127.0.0.1:${service.port}/push/x`])
      expect(await push.send(targetAt(url), note)).toEqual(unlisted);
    expect(other.traffic.connections).toBe(0);
  });
});

describe('P2: the environment of the server', () => {
  it('does not make a proxy see what is sent', async () => {
    const proxy = await openWebPushService();
    opened.push(proxy);
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    const { push, newTarget } = await open();
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'accepted' });
    expect(proxy.traffic.connections).toBe(0);
  });

  it('does not make any certificate good', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { push, service, newTarget } = await open({ ca: undefined });
    expect(await push.send(newTarget(), note)).toMatchObject({ outcome: 'later', status: null });
    expect(service.traffic.requests).toBe(0);
  });
});
