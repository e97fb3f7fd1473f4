import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
});
afterAll(() => scene.close());

/** Bob writes to Ada, who is away; both in a group. */
async function group() {
  const [ada, bob] = [await scene.away(), await scene.join()];
  const { id } = (await bob.createGroup([ada.userId], { name: 'Crew' })).channel;
  return { ada, bob, id };
}
const shape = (note: { number: number; count: number; badge: number } | undefined) =>
  note && [note.number, note.count, note.badge];

describe('a message to somebody who is away', () => {
  it('becomes one push, with who said what where, and how much is unread', async () => {
    const { ada, bob, id } = await group();
    const { message } = await bob.send(id, 'Are you there?');
    await scene.wake(id);
    expect(ada.pushes()).toEqual([
      {
        ...{ kind: 'message', channelId: id, messageId: message.id, seq: expect.any(Number) },
        ...{ number: 1, count: 1, badge: 1 },
        content: { preview: 'FULL', authorName: bob.handle, channelName: 'Crew', text: 'Are you there?' },
      },
    ]);
    expect(await scene.decisionsOf(ada)).toMatchObject([
      { outcome: 'SENT', answer: { outcome: 'accepted', status: 201, reason: null } },
    ]);
    await scene.wake(id);
    await scene.after(600_000);
    expect(ada.pushes()).toHaveLength(1);
  });

  it('is told with all that came since, the newest first, and replaces what was told before', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'One');
    await bob.send(id, 'Two');
    await scene.wake(id);
    await bob.send(id, 'Three');
    await scene.wake(id);
    expect(ada.notes().map(shape)).toEqual([
      [2, 2, 2],
      [3, 3, 3],
    ]);
    await ada.read(id, 2);
    await bob.send(id, 'Four');
    await scene.wake(id);
    expect(shape(ada.notes().at(-1))).toEqual([4, 2, 2]);
  });

  it('reaches each of their devices once, and nobody else', async () => {
    const { ada, bob, id } = await group();
    const [phone, ofBob, lou] = [await scene.another(ada), await scene.another(bob), await scene.away()];
    await bob.send(id, 'All of you');
    await scene.wake(id);
    expect([ada, phone, ofBob, lou].map((one) => one.pushes().length)).toEqual([1, 1, 0, 0]);
    expect(await scene.decisionsOf(ofBob)).toMatchObject([{ outcome: 'SUPPRESSED' }]);
  });

  it('shows what they want to be shown on a locked screen, and no channel where two people are', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await ada.openDirect(bob.userId)).channel;
    for (const preview of ['FULL', 'SENDER', 'NOTHING']) {
      await ada.prefer({ preview });
      await bob.send(id, 'A secret');
      await scene.wake(id);
    }
    const common = { authorName: bob.handle, channelName: null };
    expect(ada.notes().map(({ content }) => content)).toEqual([
      { preview: 'FULL', ...common, text: 'A secret' },
      { preview: 'SENDER', ...common },
      { preview: 'NOTHING' },
    ]);
  });

  it('counts on the badge what is unread in all their channels, but for those muted or put away', async () => {
    const { ada, bob, id } = await group();
    const { id: muted } = (await bob.createGroup([ada.userId])).channel;
    const { id: away } = (await bob.createGroup([ada.userId])).channel;
    const { id: other } = (await ada.openDirect(bob.userId)).channel;
    await ada.mute(muted);
    await ada.archive(away);
    for (const channelId of [muted, away, other, other]) await bob.send(channelId, 'More');
    const gone = (await bob.send(other, 'Wrong')).message;
    await bob.erase(gone.id);
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(shape(ada.notes().at(-1))).toEqual([1, 1, 3]);
    expect(await ada.reads.total()).toBe(3);
  });
});

describe('nothing is pushed', () => {
  type Group = Awaited<ReturnType<typeof group>>;
  const reasons: Readonly<Record<string, [(made: Group) => Promise<unknown>, string]>> = {
    'of what they have read': [({ ada, id }) => ada.read(id, 1), 'READ'],
    'of what is muted': [({ ada, id }) => ada.mute(id), 'MUTED'],
    'of what they have put away': [({ ada, id }) => ada.archive(id), 'MUTED'],
    'of whom they have blocked': [({ ada, bob }) => ada.to.block(bob.userId), 'BLOCKED'],
    'to who has left': [({ ada, id }) => ada.leave(id), 'MEMBER'],
    'to who was removed': [({ ada, bob, id }) => bob.remove(id, ada.userId), 'MEMBER'],
    'of a channel they want to hear nothing of': [({ ada, id }) => ada.level(id, 'NOTHING'), 'CHANNEL'],
    'of what answers nobody, where only replies matter': [
      ({ ada, id }) => ada.level(id, 'REPLIES'),
      'CHANNEL',
    ],
    'to who wants to hear of nothing': [({ ada }) => ada.prefer({ level: 'NOTHING' }), 'GLOBAL'],
    'to who is not to be disturbed': [
      ({ ada }) => ada.prefer({ doNotDisturbUntil: new Date(scene.clock.now() + 3_600_000) }),
      'DO_NOT_DISTURB',
    ],
  };

  it.for(Object.entries(reasons))(
    '%s, also when that came only after it was decided',
    async ([, [act, rule]]) => {
      const made = await group();
      const { ada, bob, id } = made;
      await bob.send(id, 'Hello');
      // Decided, with jobs waiting: then comes the reason.
      await scene.handlers.wakeChannel({ channelId: idOf(id) });
      expect(scene.jobs.waiting.size).toBeGreaterThan(0);
      await act(made);
      await scene.doDue();
      expect(ada.pushes()).toEqual([]);
      const [decision] = await scene.decisionsOf(ada);
      expect(decision).toMatchObject({ outcome: 'SUPPRESSED' });
      expect(JSON.stringify(decision?.trace)).toContain(`"${rule}","STOPS"`);
    },
  );

  it('of what was deleted meanwhile, but what else was said is', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'One');
    const { message } = await bob.send(id, 'Two');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    await bob.erase(message.id);
    await scene.doDue();
    expect(ada.notes().map(({ number, count }) => [number, count])).toEqual([[1, 1]]);
  });

  it('less to who is blocked by the author: a silent phone would tell them of it', async () => {
    const { ada, bob, id } = await group();
    await bob.to.block(ada.userId);
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(ada.pushes()).toHaveLength(1);
  });

  it('to a device that signed out meanwhile', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'Hello');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    await ada.query('mutation { signOut(input: {}) { __typename } }');
    expect(await scene.doDue()).toEqual([]);
    expect(ada.pushes()).toEqual([]);
    expect(await scene.rowsOf(id)).toEqual([]);
  });
});
