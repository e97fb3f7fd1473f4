import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../../../schema/ids.ts';
import type { PushAnswer } from '../../../schema/ports/push.ts';
import { type Actor, accepted, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
});
afterAll(() => scene.close());
beforeEach(() => scene.answerWith(() => accepted));

async function group() {
  const [ada, bob] = [await scene.away(), await scene.join()];
  const { id } = (await bob.createGroup([ada.userId])).channel;
  return { ada, bob, id };
}
const endpointOf = ({ device }: Actor) =>
  scene.product.prisma.pushEndpoint.findUnique({ where: { deviceId: rowIdOf.device(incomingId(device)) } });
const later = (retryAfterMs?: number): PushAnswer => ({
  ...{ outcome: 'later', status: 429, reason: 'Too Many Requests' },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

describe('a push service', () => {
  it('that knows an address no more has it forgotten, and their other devices are told', async () => {
    const { ada, bob, id } = await group();
    const laptop = await scene.join();
    scene.answerWith(() => ({ outcome: 'gone', status: 410, reason: null }));
    const before = await ada.syncCursor();
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(await endpointOf(ada)).toBeNull();
    expect(await scene.decisionsOf(ada)).toMatchObject([
      { outcome: 'FAILED', answer: { outcome: 'gone', status: 410 } },
    ]);
    const { events } = await ada.changes([before]);
    expect(events.map(({ __typename }) => __typename)).toContain('ViewerChanged');
    await bob.send(id, 'Again');
    await scene.wake(id);
    expect(ada.pushes()).toHaveLength(1);
    expect(laptop.pushes()).toEqual([]);
  });

  it('that knows an old address no more leaves the new one alone', async () => {
    const { ada, bob, id } = await group();
    const fresh = 'ab'.repeat(32);
    scene.answerWith(async () => {
      const where = { deviceId: rowIdOf.device(incomingId(ada.device)) };
      await scene.product.prisma.pushEndpoint.update({ where, data: { address: fresh } });
      return { outcome: 'gone', status: 410, reason: null };
    });
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(await endpointOf(ada)).toMatchObject({ address: fresh });
  });

  it('that refuses is not asked again, and what it said is kept', async () => {
    const { ada, bob, id } = await group();
    scene.answerWith(() => ({ outcome: 'refused', status: 413, reason: 'Payload Too Large' }));
    await bob.send(id, 'Hello');
    await scene.wake(id);
    await scene.sweepLater(3_600_000);
    expect(ada.pushes()).toHaveLength(1);
    expect(await scene.decisionsOf(ada)).toMatchObject([
      { outcome: 'FAILED', answer: { outcome: 'refused', status: 413, reason: 'Payload Too Large' } },
    ]);
    scene.answerWith(() => accepted);
    await bob.send(id, 'Again');
    await scene.wake(id);
    expect(ada.notes().at(-1)).toMatchObject({ number: 2, count: 1, badge: 2 });
  });

  it('that is busy is asked again, later each time, and then as before', async () => {
    const { ada, bob, id } = await group();
    scene.answerWith(() => later());
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(await scene.decisionsOf(ada)).toMatchObject([
      { outcome: 'POSTPONED', answer: { outcome: 'later', status: 429 } },
    ]);
    for (const [waitMs, count] of [
      [4_000, 1],
      [2_000, 2],
      [8_000, 2],
      [3_000, 3],
    ] as const) {
      await scene.after(waitMs);
      expect(ada.pushes()).toHaveLength(count);
    }
    scene.answerWith(() => accepted);
    await scene.after(20_000);
    expect(ada.pushes()).toHaveLength(4);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SENT' }]);
    expect(await endpointOf(ada)).toMatchObject({ tries: 0, heldUntil: null });
    await scene.after(3_600_000);
    expect(ada.pushes()).toHaveLength(4);
  });

  it('that wants to be left alone is, in all channels and whatever is said meanwhile', async () => {
    const { ada, bob, id } = await group();
    const { id: other } = (await bob.createGroup([ada.userId])).channel;
    scene.answerWith(() => later(120_000));
    await bob.send(id, 'Hello');
    await scene.wake(id);
    scene.answerWith(() => accepted);
    await bob.send(id, 'Are you there?');
    await bob.send(other, 'Or here?');
    await scene.wake(id);
    await scene.wake(other);
    await scene.after(60_000);
    await scene.after(50_000);
    expect(ada.pushes()).toHaveLength(1);
    await scene.after(20_000);
    expect(ada.notes().slice(1)).toMatchObject([
      { channelId: id, number: 2, count: 2, badge: 3 },
      { channelId: other, number: 1, count: 1, badge: 3 },
    ]);
  });

  it('that is down is not asked any more for what is a day old', async () => {
    const { ada, bob, id } = await group();
    scene.answerWith(() => later());
    await bob.send(id, 'Hello');
    await scene.wake(id);
    for (let hours = 0; hours < 26; hours += 1) await scene.after(3_600_000);
    const count = ada.pushes().length;
    expect(count).toBeGreaterThan(5);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SUPPRESSED' }]);
    await scene.after(3_600_000);
    expect(ada.pushes()).toHaveLength(count);
    expect((await scene.rowsOf(id)).map(({ lookAt }) => lookAt)).toEqual([null]);
  });

  it('does not ring at once for who registers another address while the old one is left alone', async () => {
    const { ada, bob, id } = await group();
    scene.answerWith(() => later(3_600_000));
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(await endpointOf(ada)).toMatchObject({ tries: 1 });
    await ada.query(
      `mutation { registerPushEndpoint(input: { address: { apns: { token: "${'cd'.repeat(32)}", topic: "com.example.chat" } } }) { __typename } }`,
    );
    expect(await endpointOf(ada)).toMatchObject({ tries: 0, heldUntil: null });
  });
});

const test = `mutation ($id: ID!) { result: testPush(input: { pushEndpointId: $id }) {
  __typename ... on TestPushPayload { answer { outcome status reason } } ... on Denied { code until } } }`;

describe('a test push', () => {
  it('is sent whatever they have set, and answers what the service said', async () => {
    const ada = await scene.join();
    const id = await ada.register();
    await ada.prefer({ level: 'NOTHING' });
    expect(await ada.query(test, { id })).toEqual({
      result: { __typename: 'TestPushPayload', answer: { outcome: 'ACCEPTED', status: 201, reason: null } },
    });
    expect(ada.pushes()).toEqual([{ kind: 'test' }]);
  });

  it('has an endpoint removed that the service does not know any more', async () => {
    const ada = await scene.join();
    const id = await ada.register();
    scene.answerWith(() => ({ outcome: 'gone', status: 410, reason: 'Unregistered' }));
    expect(await ada.query(test, { id })).toMatchObject({ result: { answer: { outcome: 'GONE' } } });
    expect(await endpointOf(ada)).toBeNull();
    expect(await ada.query(test, { id })).toMatchObject({ result: { code: 'NOT_FOUND' } });
  });

  it('is sent ten times an hour, and to nobody else', async () => {
    const [ada, bob] = [await scene.join(), await scene.join()];
    const id = await ada.register();
    expect(await bob.query(test, { id })).toMatchObject({ result: { code: 'NOT_FOUND' } });
    for (let times = 0; times < 10; times += 1) await ada.query(test, { id });
    const refused = await ada.query<{ result: { code: string; until: string } }>(test, { id });
    expect(refused.result).toMatchObject({ code: 'RATE_LIMITED' });
    expect(Date.parse(refused.result.until)).toBeGreaterThan(scene.clock.now());
    expect(ada.pushes()).toHaveLength(10);
    await scene.after(3_600_000);
    expect(await ada.query(test, { id })).toMatchObject({ result: { __typename: 'TestPushPayload' } });
  });
});
