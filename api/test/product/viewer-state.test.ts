import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../schema/ports/clock.ts';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

/** Stands still until a test moves it. */
let now = Date.UTC(2030, 0, 1);
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: { ...systemClock, now: () => now }, log: 'postgres' });
});
afterAll(() => world.close());

const minute = 60_000;
const inMinutes = (minutes: number) => new Date(now + minutes * minute);
const notFound = expect.objectContaining({ __typename: 'Denied', code: 'NOT_FOUND' });
const state = async (viewer: Talker, id: string) => {
  const { isMuted, mutedUntil, isArchived } = (await viewer.channel(id))?.viewerState ?? {};
  return { isMuted, mutedUntil, isArchived };
};
const open = { isMuted: false, mutedUntil: null, isArchived: false };

/** A group of Ada and Bob; Ada's phone, too. */
async function crew() {
  const { ada, bob } = await people(world, 'ada', 'bob');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  return { ada, bob, phone: talkerOf(await world.signIn(ada.handle)), id };
}

describe('muting', () => {
  it('is for good, until it is ended', async () => {
    const { ada, phone, bob, id } = await crew();
    expect(await state(ada, id)).toEqual(open);
    expect(await ada.mute(id)).toMatchObject({
      __typename: 'MuteChannelPayload',
      channel: { id, viewerState: { isMuted: true, mutedUntil: null, isArchived: false } },
      viewer: { id: expect.stringMatching(/./) },
    });
    now += 1_000_000 * minute;
    expect(await state(phone, id)).toEqual({ ...open, isMuted: true });
    expect(await state(bob, id)).toEqual(open);
    expect(await phone.unmute(id)).toMatchObject({ channel: { viewerState: { isMuted: false } } });
    expect(await state(ada, id)).toEqual(open);
  });

  it('ends by itself at its time, and not before', async () => {
    const { ada, id } = await crew();
    const until = inMinutes(60);
    expect(await ada.mute(id, until)).toMatchObject({
      channel: { viewerState: { isMuted: true, mutedUntil: until.toISOString() } },
    });
    now += 60 * minute - 1;
    expect(await state(ada, id)).toEqual({ ...open, isMuted: true, mutedUntil: until.toISOString() });
    now += 1;
    expect(await state(ada, id)).toEqual(open);
  });

  it('is replaced by the next one, shorter, longer or for good', async () => {
    const { ada, id } = await crew();
    for (const minutes of [60, 5, 600]) {
      const until = inMinutes(minutes);
      await ada.mute(id, until);
      expect(await state(ada, id)).toMatchObject({ isMuted: true, mutedUntil: until.toISOString() });
    }
    await ada.mute(id);
    expect(await state(ada, id)).toEqual({ ...open, isMuted: true });
    await ada.unmute(id);
    await ada.unmute(id);
    expect(await state(ada, id)).toEqual(open);
  });

  it('cannot end in the past, nor now', async () => {
    const { ada, id } = await crew();
    for (const minutes of [0, -1, -1_000_000])
      expect(await ada.mute(id, inMinutes(minutes))).toEqual({
        __typename: 'InvalidInput',
        code: 'MALFORMED',
        field: ['until'],
        explanation: expect.stringMatching(/\.$/),
      });
    expect(await state(ada, id)).toEqual(open);
  });
});

describe('archiving', () => {
  it('puts away, also a channel of two, until it is taken out again', async () => {
    const { ada, bob, id } = await crew();
    const two = (await ada.openDirect(bob.userId)).channel.id;
    for (const channelId of [id, two]) {
      expect(await ada.archive(channelId)).toMatchObject({
        __typename: 'ArchiveChannelPayload',
        channel: { id: channelId, viewerState: { isArchived: true, isMuted: false } },
      });
      expect(await state(bob, channelId)).toEqual(open);
    }
    // Also when something is said, whoever says it, and when it is opened again.
    await bob.send(two, 'Hello');
    await ada.send(two, 'Hello');
    await ada.openDirect(bob.userId);
    expect(await state(ada, two)).toEqual({ ...open, isArchived: true });
    expect(await ada.unarchive(two)).toMatchObject({ channel: { viewerState: { isArchived: false } } });
    expect(await state(ada, two)).toEqual(open);
    expect(await state(ada, id)).toEqual({ ...open, isArchived: true });
  });

  it('leaves a muting as it is, and the other way round', async () => {
    const { ada, id } = await crew();
    await ada.mute(id);
    await ada.archive(id);
    expect(await state(ada, id)).toEqual({ isMuted: true, mutedUntil: null, isArchived: true });
    await ada.unmute(id);
    expect(await state(ada, id)).toEqual({ ...open, isArchived: true });
    await ada.mute(id, inMinutes(5));
    await ada.unarchive(id);
    expect(await state(ada, id)).toMatchObject({ isMuted: true, isArchived: false });
  });
});

/** Each thing one can set for oneself. */
const acts: readonly (readonly [string, (viewer: Talker, id: string) => Promise<object>])[] = [
  ['muteChannel', (viewer, id) => viewer.mute(id)],
  ['unmuteChannel', (viewer, id) => viewer.unmute(id)],
  ['archiveChannel', (viewer, id) => viewer.archive(id)],
  ['unarchiveChannel', (viewer, id) => viewer.unarchive(id)],
];

describe.for(acts)('%s', ([, act]) => {
  it('reaches every device of the person, and nobody else', async () => {
    const { ada, bob, phone, id } = await crew();
    const [mine, theirs] = [await phone.syncCursor(), await bob.syncCursor()];
    await act(ada, id);
    const own = await state(ada, id);
    for (const device of [ada, phone])
      expect((await device.changes([mine])).events).toMatchObject([
        { __typename: 'ViewerChannelChanged', channelId: id, channel: { id, viewerState: own } },
      ]);
    expect((await bob.changes([theirs])).events).toEqual([]);
  });

  it('finds only channels that the person is in now', async () => {
    const { ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    for (const unknown of ['chn7vvvvv', 'nonsense', bob.userId])
      expect(await act(ada, unknown)).toEqual(notFound);
    expect(await act(zoe, id)).toEqual(notFound);
    await ada.remove(id, bob.userId);
    expect(await act(bob, id)).toEqual(notFound);
    expect(await state(ada, id)).toEqual(open);
  });
});

describe('what one has set', () => {
  it('is gone when one leaves and comes back', async () => {
    const { ada, bob, id } = await crew();
    await bob.mute(id);
    await bob.archive(id);
    await bob.leave(id);
    await ada.add(id, bob.userId);
    expect(await state(bob, id)).toEqual(open);
  });

  it('stays when one gets another role', async () => {
    const { ada, bob, id } = await crew();
    await bob.archive(id);
    await ada.setRole(id, bob.userId, 'ADMIN');
    expect(await state(bob, id)).toEqual({ ...open, isArchived: true });
  });
});
