import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../../../schema/ids.ts';
import { defaultLimits } from '../../../schema/limits.ts';
import { password } from '../../../schema/test/world.ts';
import { type Browsing, openWebScene, type WebScene } from '../push/web-scene.ts';
import { idOf } from '../wake/scene.ts';
import { disguisesOf } from './disguises.ts';

// P7: what leaves the server for a device, from the mutation to the bytes that a push service gets, and when nothing does.

let scene: WebScene;
beforeAll(async () => {
  scene = await openWebScene();
});
afterAll(() => scene.close());

/** Bob writes to Ada and Cy, who are both away; nothing that is done to Ada concerns Cy. */
async function group(name = 'Crew') {
  const [ada, bob, cy] = [await scene.away(), await scene.away(), await scene.away()];
  const { id } = (await bob.createGroup([ada.userId, cy.userId], { name })).channel;
  return { ada, bob, cy, id };
}
type Group = Awaited<ReturnType<typeof group>>;

const signOut = 'mutation { signOut(input: {}) { __typename } }';
const revoke = 'mutation ($id: ID!) { revokeSession(input: { deviceId: $id }) { __typename } }';
const changePassword = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }`;

/** The session is as old as one gets. */
async function expire({ ada }: Group): Promise<void> {
  const { prisma, clock } = scene.product;
  const deviceId = rowIdOf.device(incomingId(ada.device));
  const { count } = await prisma.session.updateMany({
    where: { deviceId },
    data: { expiresAt: new Date(clock.now() - 1) },
  });
  expect(count).toBe(1);
}

/** What makes that nothing may leave for Ada's browser; `message` is the last one. */
const reasons: Readonly<Record<string, (made: Group, message: string) => Promise<unknown>>> = {
  'who was removed': ({ ada, bob, id }) => bob.remove(id, ada.userId),
  'who has left': ({ ada, id }) => ada.leave(id),
  'who has muted the channel': ({ ada, id }) => ada.mute(id),
  'who has blocked the author': ({ ada, bob }) => ada.to.block(bob.userId),
  'a device that was signed out': ({ ada }) => ada.query(signOut),
  'a device that was signed out from another one': async ({ ada }) => {
    const other = await scene.world.signIn(ada.handle);
    await other.execute(revoke, { id: ada.device });
  },
  'a device that was signed out by a new password': async ({ ada }) => {
    const other = await scene.world.signIn(ada.handle);
    const input = { currentPassword: password, newPassword: `${password} anew` };
    await other.execute(changePassword, { input });
  },
  'a device whose session has expired': expire,
  'a browser that somebody else uses by now': async ({ ada }) => {
    const eve = await scene.away();
    await eve.register(ada.subscription);
  },
  'what was deleted': ({ bob }, message) => bob.erase(message),
};

describe('P7: nothing leaves', () => {
  const times = ['before anybody decided', 'when it was decided, and not sent yet'] as const;
  const cases = Object.entries(reasons).flatMap(([whom, act]) =>
    times.map((time) => [whom, time, act] as const),
  );

  it.for(cases)('for %s, %s', async ([whom, time, act]) => {
    const made = await group();
    const { ada, bob, cy, id } = made;
    const { message } = await bob.send(id, 'Hush');
    const before = scene.web.traffic.requests;
    if (time !== times[0]) await scene.handlers.wakeChannel({ channelId: idOf(id) });
    await act(made, message.id);
    if (whom !== 'what was deleted') await bob.send(id, 'Hush again');
    expect(await scene.wake(id)).toEqual([]);
    await scene.sweepLater();
    expect(ada.received()).toEqual([]);
    // It is not that nothing worked: the others hear of it.
    const heard = whom === 'what was deleted' ? [] : [2];
    expect(cy.notes().map((note) => note.kind === 'message' && note.number)).toEqual(heard);
    expect(scene.web.traffic.requests - before).toBe(heard.length);
    expect(scene.web.problems).toEqual([]);
  });
});

const sizeOf = ({ received }: Browsing) => received().map(({ bytes }) => bytes);
const contentOf = (actor: Browsing) =>
  actor.notes().map((note) => (note.kind === 'message' ? note.content : note.kind));

describe('P7: what leaves', () => {
  it('shows nothing of the text, the names and the channel to whoever carries it', async () => {
    const text = 'Zephyrquartz, brought by Marigold to Überlingen 🐙';
    const [ada, bob] = [await scene.away('hush.reader'), await scene.away('hush.writer')];
    await bob.call('Wilhelmina Öttinger');
    const { id } = (await bob.createGroup([ada.userId], { name: 'Quixotic Society' })).channel;
    const phone = await scene.another(ada);
    const { message } = await bob.send(id, text);
    const before = scene.wire().length;
    await scene.wake(id);
    const content = { authorName: 'Wilhelmina Öttinger', channelName: 'Quixotic Society', text };
    expect([contentOf(ada), contentOf(phone)]).toMatchObject([[content], [content]]);
    const wire = scene.wire().subarray(before);
    expect(wire.toString('latin1')).toContain('POST /push/');
    const words = ['Zephyrquartz', 'Marigold', 'Überlingen', '🐙', 'Wilhelmina', 'Öttinger', 'Quixotic'];
    for (const word of [...words, 'hush.reader', 'hush.writer', message.id, id])
      for (const disguise of disguisesOf(word)) expect(wire.includes(disguise), word).toBe(false);
    // Nor which devices belong together.
    const [one, other] = [ada.received(), phone.received()].map(([push]) => push?.topic);
    expect(one).not.toBe(other);
  });

  it('would be found, if it were there', () => {
    for (const disguise of disguisesOf('Zephyrquartz')) expect(disguise.length).toBeGreaterThan(10);
    const token = Buffer.from('{"sub":"Zephyrquartz"}').toString('base64url');
    expect(disguisesOf('Zephyrquartz').some((disguise) => token.includes(disguise.toString()))).toBe(true);
  });

  it('is what stands at that moment, not what was written before', async () => {
    const { ada, bob, id } = await group();
    const { message } = await bob.send(id, 'My password is hush');
    await scene.handlers.wakeChannel({ channelId: idOf(id) });
    await bob.edit(message.id, 'Never mind');
    await scene.doDue();
    expect(contentOf(ada)).toMatchObject([{ text: 'Never mind' }]);
  });

  it('takes back what was deleted, and does not say it again', async () => {
    const { ada, bob, id } = await group();
    await bob.send(id, 'One');
    const { message } = await bob.send(id, 'My password is hush');
    await scene.wake(id);
    await bob.erase(message.id);
    await scene.wake(id);
    expect(contentOf(ada)).toMatchObject([{ text: 'My password is hush' }, { text: 'One' }]);
    expect(ada.browser.visible()).toMatchObject([{ number: 1 }]);
    expect(ada.browser.alerts()).toHaveLength(1);
  });

  it('takes away what who was removed still sees, and says nothing else', async () => {
    const { ada, bob, id } = await group('Hush');
    await bob.send(id, 'My password is hush');
    await scene.wake(id);
    await bob.remove(id, ada.userId);
    await bob.send(id, 'Now that they are gone');
    await scene.wake(id);
    await scene.sweepLater();
    expect(ada.notes().slice(1)).toEqual([{ kind: 'clear', channelId: id, number: 1, badge: 0 }]);
    expect(ada.browser.visible()).toEqual([]);
  });

  it('has no word and no name in it for who wants that, from the next one on', async () => {
    const { ada, bob, id } = await group();
    const notes: object[] = [];
    for (const preview of ['FULL', 'SENDER', 'NOTHING']) {
      await ada.prefer({ preview });
      const { message } = await bob.send(id, 'Hush');
      await scene.wake(id);
      notes.push({ number: message.number, messageId: message.id });
    }
    const names = { authorName: bob.handle, channelName: 'Crew' };
    expect(contentOf(ada)).toEqual([
      { preview: 'FULL', ...names, text: 'Hush' },
      { preview: 'SENDER', ...names },
      { preview: 'NOTHING' },
    ]);
    expect(ada.notes().at(-1)).toEqual({
      ...{ kind: 'message', channelId: id, seq: expect.any(Number), count: 3, badge: 3 },
      ...{ content: { preview: 'NOTHING' }, ...notes.at(-1) },
    });
  });

  const { charactersPerMessage: most } = defaultLimits;
  const long: Readonly<Record<string, string>> = {
    'letters of one byte': 'x'.repeat(most),
    'letters of four bytes, which are 16 KB': '𝔵'.repeat(most),
    emoji: '🐙'.repeat(most),
    'emoji of many parts': '👩🏽‍👩🏽‍👧🏽‍👦🏽'.repeat(Math.floor(most / 11)),
    'one character without end': `x${'\u0301'.repeat(most - 1)}`,
    'ends of lines and tabs': `x${'\n\t\r'.repeat(most / 3 - 1)}x`,
    'characters that nobody sees': `x${'\u200b\ufeff\u2028\u202e'.repeat(most / 4 - 1)}x`,
    'what JSON has to escape': '"\\'.repeat(most / 2),
  };
  it.for(Object.entries(long))('has 4,096 bytes at most: %s', async ([, text]) => {
    const [ada, bob] = [await scene.away(), await scene.away()];
    await bob.call('🐙'.repeat(64));
    const { id } = (await bob.createGroup([ada.userId], { name: '👩‍🚀'.repeat(33) })).channel;
    expect((await bob.send(id, text)).code).toBeUndefined();
    await scene.wake(id);
    expect(sizeOf(ada)).toEqual([expect.any(Number)]);
    expect(sizeOf(ada)[0]).toBeLessThanOrEqual(4_096);
    expect(scene.web.problems).toEqual([]);
    const [content] = contentOf(ada);
    if (typeof content !== 'object' || content.preview !== 'FULL') return expect.fail('It has no text.');
    // As it was written, up to where it was cut: nothing is mangled.
    expect(content.text.endsWith('…')).toBe(true);
    expect(text.startsWith(content.text.slice(0, -1))).toBe(true);
    expect('🐙'.repeat(64).startsWith(content.authorName.replace('…', ''))).toBe(true);
  });
});
