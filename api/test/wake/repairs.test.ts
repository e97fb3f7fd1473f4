import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { accepted, idOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.answerWith(() => accepted);
  scene.jobs.refuse(false);
  scene.jobs.lose();
});

async function group() {
  const [ada, bob] = [await scene.away(), await scene.join()];
  const { id } = (await bob.createGroup([ada.userId])).channel;
  return { ada, bob, id };
}
/** Transactions fail, so many of them, from the next one on. */
function failTransactions(count: number) {
  const { prisma } = scene.product;
  const spy = vi.spyOn(prisma, '$transaction');
  for (let n = 0; n < count; n += 1)
    spy.mockImplementationOnce(() => Promise.reject(new Error('The database is away.')));
  return spy;
}

describe('the sweep brings about', () => {
  it('what was said while no job was taken', async () => {
    const { ada, bob, id } = await group();
    scene.jobs.refuse(true);
    await bob.send(id, 'Hello');
    await scene.after(10_000);
    scene.jobs.refuse(false);
    expect(ada.pushes()).toEqual([]);
    await scene.sweepLater();
    expect(ada.notes()).toMatchObject([{ number: 1, count: 1 }]);
    await scene.sweepLater();
    expect(ada.pushes()).toHaveLength(1);
  });

  it('what was decided, and had no job any more', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    scene.jobs.refuse(true);
    await expect(scene.handlers.wakeChannel({ channelId: idOf(id) })).rejects.toThrow('does not answer');
    scene.jobs.refuse(false);
    await scene.sweepLater();
    expect(ada.notes()).toMatchObject([{ number: 1, count: 1 }]);
  });

  it('what a worker had begun that was killed, as soon as nobody waits for it any more', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    let comeBack = () => {};
    const stuck = new Promise<typeof accepted>((resolve) => {
      comeBack = () => resolve(accepted);
    });
    scene.answerWith(() => stuck);
    // It has sent, and is never heard of again.
    const killed = scene.doDue();
    await vi.waitFor(() => expect(ada.pushes()).toHaveLength(1));
    scene.answerWith(() => accepted);
    await scene.sweepLater(20_000);
    expect(ada.pushes()).toHaveLength(1);
    await scene.sweepLater(26_000);
    expect(ada.notes()).toMatchObject([
      { number: 1, count: 1 },
      { number: 1, count: 1 },
    ]);
    // If it comes back after all, it changes nothing.
    comeBack();
    await killed;
    await scene.sweepLater();
    expect(ada.pushes()).toHaveLength(2);
  });

  it('what was decided too long ago to be sent, by deciding again', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    // While it is being found out whether to tell her everything stands still for some seconds, and then she mutes the channel.
    const { presence } = scene.product;
    const statesOf = presence.statesOf.bind(presence);
    const spy = vi.spyOn(presence, 'statesOf').mockImplementationOnce(async (userIds) => {
      await scene.clock.advance(6_000);
      return statesOf(userIds);
    });
    expect(await scene.doDue()).toMatchObject([{ message: expect.stringContaining('took too long') }]);
    spy.mockRestore();
    expect(ada.pushes()).toEqual([]);
    await ada.mute(id);
    await scene.sweepLater(60_000);
    expect(ada.pushes()).toEqual([]);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SUPPRESSED' }]);
  });

  it('a note again that was sent and not written down: it replaces itself', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    const spy = failTransactions(1);
    expect(await scene.doDue()).toHaveLength(1);
    spy.mockRestore();
    await scene.sweepLater();
    expect(ada.notes().map(({ number, count }) => [number, count])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SENT' }]);
  });

  it('what could not be sent for a mistake of ours', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    scene.answerWith(() => Promise.reject(new Error('A mistake.')));
    expect(await scene.wake(id)).toHaveLength(1);
    scene.answerWith(() => accepted);
    await scene.sweepLater();
    expect(ada.pushes()).toHaveLength(2);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SENT' }]);
  });

  it('what could not be decided', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    const spy = failTransactions(1);
    await expect(scene.handlers.wakeChannel({ channelId: idOf(id) })).rejects.toThrow('away');
    spy.mockRestore();
    await scene.sweepLater();
    expect(ada.notes()).toMatchObject([{ number: 1 }]);
  });

  it('nothing twice, and lets go of what is old', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.wake(id);
    const { prisma, clock } = scene.product;
    const decidedAt = new Date(clock.now() - 31 * 24 * 60 * 60_000);
    await prisma.notificationDecision.updateMany({ data: { decidedAt } });
    await bob.send(id, 'Newer');
    await scene.sweepLater();
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SENT' }]);
    await prisma.pushEndpoint.deleteMany();
    await scene.sweepLater();
    expect(await scene.rowsOf(id)).toEqual([]);
  });
});

describe('two workers at one device', () => {
  it('send once between them', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    const payload = { deviceId: ada.person.viewer.deviceId, channelId: idOf(id) };
    await Promise.all([1, 2, 3, 4].map(() => scene.handlers.sendPush(payload)));
    await scene.after(60_000);
    expect(ada.pushes()).toHaveLength(1);
  });

  it('tell of what came while the first one was sending, in a second note', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'One');
    let isFirst = true;
    scene.answerWith(async () => {
      if (!isFirst) return accepted;
      isFirst = false;
      await bob.send(id, 'Two');
      await scene.handlers.wakeChannel({ channelId: idOf(id) });
      return accepted;
    });
    await scene.wake(id);
    expect(ada.notes().map(({ number, count }) => [number, count])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('decide about a channel once between them', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'One');
    await Promise.all([1, 2, 3].map(() => scene.handlers.wakeChannel({ channelId: idOf(id) })));
    await bob.send(id, 'Two');
    await Promise.all([1, 2, 3].map(() => scene.handlers.wakeChannel({ channelId: idOf(id) })));
    await scene.doDue();
    expect(ada.notes().at(-1)).toMatchObject({ number: 2, count: 2 });
  });
});
