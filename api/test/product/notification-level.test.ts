import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

const mutation = `mutation ($input: SetNotificationLevelInput!) { result: setNotificationLevel(input: $input) {
  __typename ... on UserError { code } ... on SetNotificationLevelPayload {
    channel { id viewerState { notificationLevel isMuted } } viewer { id } } } }`;
const set = async (viewer: Talker, channelId: string, level?: string | null) =>
  (await viewer.query<{ result: object }>(mutation, { input: { channelId, level } })).result;
const levelIn = async (viewer: Talker, id: string) => {
  const document = `query ($id: ID!) { channel(id: $id) { viewerState { notificationLevel } } }`;
  type Found = { channel: { viewerState: { notificationLevel: string | null } } };
  return (await viewer.query<Found>(document, { id })).channel.viewerState.notificationLevel;
};
const eventsSince = async (viewer: Talker, cursor: string) => (await viewer.changes([cursor])).events;
const notFound = { __typename: 'Denied', code: 'NOT_FOUND' };

/** A group of Ada and Bob; Ada's phone, too. */
async function crew() {
  const { ada, bob } = await people(world, 'ada', 'bob');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  return { ada, bob, phone: talkerOf(await world.signIn(ada.handle)), id };
}

describe('of what somebody wants to be notified in a channel', () => {
  it('is as everywhere, until they say something else, and again when they say so', async () => {
    const { ada, bob, phone, id } = await crew();
    const two = (await ada.openDirect(bob.userId)).channel.id;
    for (const channelId of [id, two])
      for (const level of ['REPLIES', 'NOTHING', 'ALL', null, 'ALL', undefined]) {
        const notificationLevel = level ?? null;
        expect(await set(ada, channelId, level)).toEqual({
          __typename: 'SetNotificationLevelPayload',
          channel: { id: channelId, viewerState: { notificationLevel, isMuted: false } },
          viewer: { id: ada.userId.replace('usr', 'viw') },
        });
        expect(await levelIn(phone, channelId)).toBe(notificationLevel);
        expect(await levelIn(bob, channelId)).toBeNull();
      }
  });

  it('leaves a muting as it is, and the other way round', async () => {
    const { ada, id } = await crew();
    await ada.mute(id);
    const viewerState = { notificationLevel: 'REPLIES', isMuted: true };
    expect(await set(ada, id, 'REPLIES')).toMatchObject({ channel: { viewerState } });
    await ada.unmute(id);
    expect(await levelIn(ada, id)).toBe('REPLIES');
  });

  it('reaches every device of the person when it is something else, and nobody else', async () => {
    const { ada, bob, phone, id } = await crew();
    const [mine, theirs] = [await phone.syncCursor(), await bob.syncCursor()];
    await set(ada, id, null);
    expect(await eventsSince(phone, mine)).toEqual([]);
    for (const _ of ['once', 'and again']) await set(ada, id, 'NOTHING');
    const events = await eventsSince(phone, mine);
    expect(events).toMatchObject([{ __typename: 'ViewerChannelChanged', channelId: id }]);
    expect(await levelIn(phone, id)).toBe('NOTHING');
    const then = await phone.syncCursor();
    await set(ada, id, 'NOTHING');
    expect(await eventsSince(phone, then)).toEqual([]);
    expect(await eventsSince(bob, theirs)).toEqual([]);
  });

  it('is said only in channels that they are in now', async () => {
    const { ada, bob, id } = await crew();
    const { zoe } = await people(world, 'zoe');
    for (const unknown of ['chn7vvvvv', 'nonsense', bob.userId])
      expect(await set(ada, unknown, 'ALL')).toEqual(notFound);
    // Also where it would be nothing new.
    expect(await set(zoe, id, null)).toEqual(notFound);
    await set(bob, id, 'REPLIES');
    await ada.remove(id, bob.userId);
    for (const level of ['REPLIES', 'ALL', null]) expect(await set(bob, id, level)).toEqual(notFound);
  });

  it('is as everywhere again for who leaves and comes back', async () => {
    const { ada, bob, id } = await crew();
    await set(bob, id, 'NOTHING');
    await ada.setRole(id, bob.userId, 'ADMIN');
    expect(await levelIn(bob, id)).toBe('NOTHING');
    await bob.leave(id);
    await ada.add(id, bob.userId);
    expect(await levelIn(bob, id)).toBeNull();
  });
});
