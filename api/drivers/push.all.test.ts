import { describe, expect, it } from 'vitest';
import { openRecordPush } from '../../schema/ports/push.record.ts';
import type { Push, PushTarget } from '../../schema/ports/push.ts';
import { combinePush } from './push.all.ts';

const web: PushTarget = { service: 'WEB', url: 'https://push.example/1', p256dh: 'B', auth: 'a' };
const apns: PushTarget = { service: 'APNS', token: 'ab', topic: 'com.example.chat', isSandbox: false };

/** A driver of one service, which keeps what it was told. */
function only(service: PushTarget['service'], vapidPublicKey?: string) {
  const { sent, send } = openRecordPush();
  let isClosed = false;
  const close = async () => {
    isClosed = true;
  };
  const push: Push = { vapidPublicKey, services: new Set([service]), send, close };
  return { push, sent, isClosed: () => isClosed };
}

describe('several push services as one', () => {
  it('send each note to the service of its device', async () => {
    const [browsers, phones] = [only('WEB', 'key'), only('APNS')];
    const all = combinePush([phones.push, browsers.push]);
    expect([...all.services].sort()).toEqual(['APNS', 'WEB']);
    expect(all.vapidPublicKey).toBe('key');
    for (const target of [web, apns])
      expect(await all.send(target, { kind: 'test' })).toMatchObject({ outcome: 'accepted' });
    expect(browsers.sent.map(({ target }) => target)).toEqual([web]);
    expect(phones.sent.map(({ target }) => target)).toEqual([apns]);
  });

  it('refuse a note for a service that is not among them', async () => {
    const all = combinePush([only('APNS').push]);
    expect(all.vapidPublicKey).toBeUndefined();
    expect(await all.send(web, { kind: 'test' })).toMatchObject({ outcome: 'refused', status: null });
    expect(await combinePush([]).send(apns, { kind: 'test' })).toMatchObject({ outcome: 'refused' });
  });

  it('close together', async () => {
    const each = [only('WEB'), only('APNS')];
    await combinePush(each.map(({ push }) => push)).close();
    expect(each.map(({ isClosed }) => isClosed())).toEqual([true, true]);
  });
});
