import { afterEach, describe, expect, it } from 'vitest';
import type { PushAnswer } from '../../schema/ports/push.ts';
import type { ApnsAnswer } from '../test/push/apns-answers.ts';
import {
  type ApnsWorld,
  type ApnsWorldOptions,
  newApnsTarget,
  noteOf,
  openApnsWorld,
} from '../test/push/apns-world.ts';
import { openApnsPush } from './push.apns.ts';

const minutes = (count: number) => count * 60_000;
const expired = { status: 403, reason: 'ExpiredProviderToken' } as const;

const worlds: ApnsWorld[] = [];
async function open(options?: ApnsWorldOptions): Promise<ApnsWorld> {
  const world = await openApnsWorld(options);
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const sendOne = ({ push }: ApnsWorld) => push.send(newApnsTarget(), noteOf(1));
const sendMany = (world: ApnsWorld, count: number) =>
  Promise.all(Array.from({ length: count }, () => sendOne(world)));
const outcomesOf = (answers: readonly PushAnswer[]) => new Set(answers.map(({ outcome }) => outcome));

/** Answers that wait to be given. */
function holding({ service }: ApnsWorld) {
  const held: ((answer: ApnsAnswer | undefined) => void)[] = [];
  service.answerWith(() => new Promise((resolve) => held.push(resolve)));
  return {
    count: () => held.length,
    release: (answer?: ApnsAnswer) => {
      for (const resolve of held.splice(0)) resolve(answer);
    },
  };
}

describe('the token of the provider', () => {
  it('is made once, for all who send at the same time, and serves for 50 minutes', async () => {
    const world = await open({ isStrictAboutTokens: true });
    expect(outcomesOf(await sendMany(world, 50))).toEqual(new Set(['accepted']));
    await world.clock.advance(minutes(49));
    expect(await sendOne(world)).toMatchObject({ outcome: 'accepted' });
    expect(world.service.providerTokens()).toBe(1);
    await world.clock.advance(minutes(1));
    expect(outcomesOf(await sendMany(world, 50))).toEqual(new Set(['accepted']));
    expect(world.service.providerTokens()).toBe(2);
  });

  it('that is too old is replaced once, and what was refused is sent again', async () => {
    const world = await open();
    await sendOne(world);
    await world.clock.advance(minutes(20));
    let refusals = 0;
    world.service.answerWith(() => {
      refusals += 1;
      return refusals <= 50 ? expired : undefined;
    });
    expect(outcomesOf(await sendMany(world, 50))).toEqual(new Set(['accepted']));
    expect(world.service.providerTokens()).toBe(2);
  });

  it('that is too old is not replaced again for who hears of it late', async () => {
    const world = await open();
    await sendOne(world);
    await world.clock.advance(minutes(30));
    const held = holding(world);
    const late = sendOne(world);
    await expect.poll(held.count).toBe(1);
    world.service.answerWith(expired);
    await sendOne(world);
    world.service.answerWith({ status: 200 });
    held.release(expired);
    expect(await late).toMatchObject({ outcome: 'accepted' });
    expect(world.service.providerTokens()).toBe(2);
  });

  it('that is young stays, even when it is said to be too old', async () => {
    const world = await open();
    await sendOne(world);
    await world.clock.advance(minutes(12));
    world.service.answerWith(expired);
    expect(await sendOne(world)).toEqual({
      ...{ outcome: 'later', status: 403, reason: 'ExpiredProviderToken', retryAfterMs: minutes(8) },
    });
    expect(world.service.providerTokens()).toBe(1);
  });

  it('is not made a third time when the second one is too old as well', async () => {
    const world = await open();
    await sendOne(world);
    await world.clock.advance(minutes(30));
    world.service.answerWith(expired);
    expect(await sendOne(world)).toMatchObject({ outcome: 'later', status: 403 });
    expect(await sendOne(world)).toMatchObject({ outcome: 'later', retryAfterMs: minutes(20) });
    expect(world.service.providerTokens()).toBe(2);
    expect(world.service.requests()).toBe(1 + 2 + 1);
  });

  it('that Apple does not take is told to whoever runs this, once', async () => {
    const world = await open({ keyId: 'ZZZZZZZZZZ' });
    for (const answer of await sendMany(world, 3))
      expect(answer).toEqual({ outcome: 'refused', status: 403, reason: 'InvalidProviderToken' });
    expect(world.logged().match(/check APNS_KEY/g)).toHaveLength(1);
  });

  it('needs a key, and https: a start without says so', async () => {
    const { settings } = (await open()).service;
    const world = worlds[0];
    if (world === undefined) return;
    const start = (changed: object) =>
      openApnsPush({ ...settings, clock: world.clock, logger: { info() {}, warn() {} }, ...changed });
    await expect(start({ key: 'hush' })).rejects.toThrow('APNS_KEY');
    await expect(start({ key: 'hush' })).rejects.not.toThrow('hush');
    for (const origin of ['http://localhost:1', 'localhost', 'https://ada:secret@localhost', ''])
      await expect(start({ origin }), origin).rejects.toThrow('APNS_ORIGIN');
  });
});

describe('requests on one connection', () => {
  it('are never more at once than the service allows, also when it changes its mind', async () => {
    const world = await open({ maxConcurrentStreams: 3 });
    const held = holding(world);
    const sending = sendMany(world, 12);
    for (const atOnce of [3, 3]) {
      await expect.poll(held.count).toBe(atOnce);
      held.release();
    }
    await expect.poll(held.count).toBe(3);
    world.service.allowAtOnce(1);
    held.release();
    for (let left = 3; left > 0; left -= 1) {
      await expect.poll(held.count).toBe(1);
      held.release();
    }
    expect(outcomesOf(await sending)).toEqual(new Set(['accepted']));
    expect(world.service.mostAtOnce()).toBe(3);
    expect(world.service.connections().opened).toBe(1);
  });

  it('wait in a queue that has an end', async () => {
    const world = await open({ maxConcurrentStreams: 1 });
    world.behave('never answers');
    const answers: PushAnswer[] = [];
    const sending = Array.from({ length: 5_002 }, () =>
      sendOne(world).then((answer) => answers.push(answer)),
    );
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    for (const answer of answers)
      expect(answer).toMatchObject({ outcome: 'later', reason: 'too many wait to be sent' });
    expect(answers.length).toBeLessThanOrEqual(2);
    await world.pass(10_000);
    await Promise.all(sending);
    expect(answers.filter(({ reason }) => reason === 'no answer in time').length).toBeGreaterThanOrEqual(
      5_000,
    );
  });

  it('take the time of their waiting from their ten seconds', async () => {
    const world = await open({ maxConcurrentStreams: 1 });
    const held = holding(world);
    const sending = sendMany(world, 2);
    await expect.poll(held.count).toBe(1);
    await world.pass(6_000);
    held.release();
    await expect.poll(held.count).toBe(1);
    await world.pass(4_000);
    expect((await sending).map(({ outcome }) => outcome)).toEqual(['accepted', 'later']);
  });
});

describe('an answer that is cut short', () => {
  it.each([
    [{ endless: 200 }, 'accepted'],
    [{ endless: 410 }, 'gone'],
    [{ endless: 400 }, 'refused'],
    [{ endless: 503 }, 'later'],
    [{ breakOff: 400 }, 'later'],
    [{ breakOff: 410 }, 'gone'],
    ['drop', 'later'],
  ] as const)('%j: %s', async (told, outcome) => {
    const world = await open();
    world.service.answerWith(told);
    expect(await sendOne(world)).toMatchObject({ outcome });
    world.service.answerWith({ status: 200 });
    expect(await sendOne(world)).toMatchObject({ outcome: 'accepted' });
  });

  it('by the end of the time means what its status says, where the rest would change nothing', async () => {
    for (const [slowly, outcome] of [
      [200, 'accepted'],
      [410, 'gone'],
      [400, 'later'],
    ] as const) {
      const world = await open();
      world.service.answerWith({ slowly });
      const sending = sendOne(world);
      await expect.poll(world.service.requests).toBe(1);
      // What comes later over the same connection says that its status has come.
      world.service.answerWith({ status: 200 });
      await sendOne(world);
      await world.pass(10_000);
      expect(await sending, String(slowly)).toMatchObject({ outcome });
    }
  });
});

describe('what is sent twice, as nobody knows whether it came', () => {
  it('is one notification on the phone', async () => {
    const world = await open();
    const phone = newApnsTarget();
    world.service.answerWith('takeAndDrop');
    expect(await world.push.send(phone, noteOf(1))).toMatchObject({ outcome: 'later', status: null });
    world.service.answerWith({ status: 200 });
    await world.push.send(phone, noteOf(1));
    await world.push.send(phone, noteOf(2, 'Again'));
    expect(world.service.received).toHaveLength(3);
    expect(world.service.visible(phone.token)).toMatchObject([{ args: ['Ada', 'Again'] }]);
    expect(world.service.badge(phone.token)).toBe(2);
    const { channelId } = world.service.received[0]?.payload.parley ?? {};
    expect(channelId).toBe('chn7');
  });
});

describe('who is no phone of Apple', () => {
  it('is not sent to', async () => {
    const world = await open();
    for (const changed of [{ token: '../etc' }, { token: '' }, { topic: 'a\nb' }, { topic: '' }])
      expect(await world.push.send({ ...newApnsTarget(), ...changed }, noteOf(1))).toMatchObject({
        outcome: 'gone',
      });
    const browser = { service: 'WEB', url: 'https://push.example', p256dh: '', auth: '' } as const;
    await expect(world.push.send(browser, noteOf(1))).rejects.toThrow();
    expect(world.service.requests()).toBe(0);
    await world.push.close();
    await expect(sendOne(world)).rejects.toThrow('closed');
  });
});
