import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest';
import { type Actor, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
});
afterAll(() => scene.close());

/** Bob has written to Ada, who has two devices, and both of them show it. */
async function shown(texts = ['One', 'Two', 'Three']) {
  const [ada, bob] = [await scene.away(), await scene.join()];
  const phone = await scene.another(ada);
  const { id } = (await bob.createGroup([ada.userId])).channel;
  const messages: string[] = [];
  for (const text of texts) messages.push((await bob.send(id, text)).message.id);
  await scene.wake(id);
  expect([ada.pushes().length, phone.pushes().length]).toEqual([1, 1]);
  return { ada, phone, bob, id, messages };
}
/** What was told behind the first push. */
const behind = (actor: Actor) =>
  actor
    .pushes()
    .flatMap((note) => (note.kind === 'test' ? [] : note))
    .slice(1);
/** What the waker adds is a moment away. */
const told = () => scene.after(2_000);

describe('what a device shows of a channel', () => {
  it('is taken away when they have read it, with what is still unread elsewhere', async () => {
    const { ada, phone, bob, id } = await shown();
    const { id: other } = (await bob.createGroup([ada.userId])).channel;
    await bob.send(other, 'Elsewhere');
    await ada.read(id, 3);
    await told();
    const here = () =>
      [ada, phone].map((device) => behind(device).filter(({ channelId }) => channelId === id));
    const clear = { kind: 'clear', channelId: id, number: 3, badge: 1 };
    expect(here()).toEqual([[clear], [clear]]);
    await ada.read(id, 3);
    await told();
    expect(here()).toEqual([[clear], [clear]]);
  });

  it('stays when they have read less than it tells of', async () => {
    const { ada, phone, id } = await shown();
    await ada.read(id, 2);
    await told();
    expect(behind(phone)).toEqual([]);
  });

  it('is told again, as one message, after it was taken away', async () => {
    const { ada, phone, bob, id } = await shown();
    await ada.read(id, 3);
    await told();
    await bob.send(id, 'Four');
    await scene.wake(id);
    expect(behind(phone)).toMatchObject([
      { kind: 'clear' },
      { kind: 'message', number: 4, count: 1, badge: 1 },
    ]);
  });

  it('is the message before it, without a sound, when it was deleted', async () => {
    const { phone, bob, id, messages } = await shown();
    await bob.erase(messages[2] ?? '');
    await scene.wake(id);
    expect(behind(phone)).toMatchObject([
      { kind: 'message', number: 2, count: 2, badge: 2, isQuiet: true, content: { text: 'Two' } },
    ]);
    await scene.wake(id);
    expect(behind(phone)).toHaveLength(1);
  });

  it('is taken away when all of it was deleted', async () => {
    const { phone, bob, id, messages } = await shown(['One']);
    await bob.erase(messages[0] ?? '');
    await scene.wake(id);
    expect(behind(phone)).toEqual([{ kind: 'clear', channelId: id, number: 1, badge: 0 }]);
  });

  it('is not touched when something else was deleted', async () => {
    const { phone, bob, id, messages } = await shown();
    await bob.erase(messages[1] ?? '');
    await scene.wake(id);
    expect(behind(phone)).toEqual([]);
    await bob.send(id, 'Four');
    await scene.wake(id);
    expect(behind(phone)).toMatchObject([{ number: 4, count: 3, badge: 3 }]);
  });

  it('is taken away from who is removed, and from who leaves', async () => {
    const [one, two] = [await shown(), await shown()];
    await one.bob.remove(one.id, one.ada.userId);
    await two.ada.leave(two.id);
    await told();
    for (const { phone, id } of [one, two])
      expect(behind(phone)).toEqual([{ kind: 'clear', channelId: id, number: 3, badge: 0 }]);
  });

  it('is taken away although the one who reads it does so while it is being sent', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await bob.send(id, 'One');
    scene.answerWith(async ({ note }) => {
      if (note.kind === 'message') {
        await ada.read(id, 1);
        await scene.handlers.clearPush({ userId: ada.userId, channelId: note.channelId });
      }
      return { outcome: 'accepted', status: 201, reason: null };
    });
    await scene.wake(id);
    expect(ada.pushes().map(({ kind }) => kind)).toEqual(['message', 'clear']);
  });
});

describe('what may be shown, as nobody could write down that it was sent,', () => {
  /** A push is sent, and the database is away at that moment; then no job is taken. */
  async function sentUnknown(texts: readonly string[]) {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    const messages: string[] = [];
    for (const text of texts) messages.push((await bob.send(id, text)).message.id);
    let spy: MockInstance | undefined;
    scene.answerWith(async ({ target }) => {
      if (target.service === 'APNS' && target.token === ada.token)
        spy = vi.spyOn(scene.product.prisma, '$transaction').mockRejectedValueOnce(new Error('Away.'));
      return { outcome: 'accepted', status: 201, reason: null };
    });
    await scene.after(4_000);
    scene.jobs.lose();
    spy?.mockRestore();
    scene.answerWith(async () => ({ outcome: 'accepted', status: 201, reason: null }));
    expect(ada.pushes()).toHaveLength(1);
    return { ada, bob, id, messages };
  }

  it('is taken away when they have read it', async () => {
    const { ada, id } = await sentUnknown(['One']);
    await ada.read(id, 1);
    await told();
    expect(behind(ada)).toEqual([{ kind: 'clear', channelId: id, number: 1, badge: 0 }]);
  });

  it('is taken away when it was deleted', async () => {
    const { ada, bob, id, messages } = await sentUnknown(['One']);
    await bob.erase(messages[0] ?? '');
    await scene.sweepLater(60_000);
    expect(behind(ada)).toEqual([{ kind: 'clear', channelId: id, number: 1, badge: 0 }]);
  });

  it('is told again when nothing has happened', async () => {
    const { ada } = await sentUnknown(['One', 'Two']);
    await scene.sweepLater(60_000);
    expect(behind(ada)).toMatchObject([{ kind: 'message', number: 2, count: 2 }]);
  });
});

describe('the sweep takes away', () => {
  it('what was read while no job was taken', async () => {
    const { ada, phone, id } = await shown();
    scene.jobs.refuse(true);
    await ada.read(id, 3);
    await told();
    scene.jobs.refuse(false);
    expect(behind(phone)).toEqual([]);
    await scene.sweepLater();
    expect(behind(phone)).toMatchObject([{ kind: 'clear', number: 3 }]);
  });

  it('what was deleted while no job was taken', async () => {
    const { phone, bob, messages } = await shown(['One']);
    scene.jobs.refuse(true);
    await bob.erase(messages[0] ?? '');
    await told();
    scene.jobs.refuse(false);
    await scene.sweepLater();
    expect(behind(phone)).toMatchObject([{ kind: 'clear', number: 1 }]);
  });
});
