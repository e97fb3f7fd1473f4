import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person, Subscription } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';
import { may } from './released-client.ts';
import { openSecondRelease, streamed } from './second-release-client.ts';

// What a client that was built with release 0.2.0 hears: all that it knew then.

const { ask, change, listen, group, send, neverAsked } = openSecondRelease();

type Happened = { readonly events: { readonly __typename: string } };

describe('a client of 0.2.0 on its stream', () => {
  let world: World;
  let ada: Person;
  let bob: Person;
  let channelId: string;
  let messageId: string | undefined;
  let syncCursor: string;
  let stream: Subscription<Happened>;
  beforeEach(async () => {
    world = await openWorld();
    [ada, bob] = [await world.signUp('ada'), await world.signUp('bob')];
    const made = await group(ada, [bob], ['before']);
    channelId = made.channelId;
    messageId = made.messages[0]?.id;
    syncCursor = (await ask<{ syncCursor: string }>(bob, 'FirstScreen')).syncCursor;
    stream = await listen<Happened>(bob, 'Follow', { after: [syncCursor] });
    expect(await next()).toMatchObject({ __typename: 'CaughtUp' });
  });
  afterEach(async () => {
    await stream.return?.();
    await world.close();
  });

  const next = async () => (await stream.next()).value?.data.events;
  const byAda = () => ({ by: { id: ada.userId } });
  const edit = (text: string) => change(ada, 'Edit', { messageId, text });

  it('hears of messages, of all channels and of one', async () => {
    const inChannel = await listen(bob, 'FollowChannel', { channelId, afterNumber: 0 });
    const nextInChannel = async () => (await inChannel.next()).value?.data;
    expect(await nextInChannel()).toMatchObject({ messageAdded: { id: messageId, text: 'before' } });
    const sent = await send(ada, { channelId, text: 'now' });
    expect(await next()).toMatchObject({
      __typename: 'MessageSent',
      channelId,
      channel: { lastNumber: 2 },
      messageId: sent.id,
      message: { text: 'now', nonce: null },
    });
    expect(await nextInChannel()).toMatchObject({ messageAdded: { text: 'now' } });
    await edit('edited');
    expect(await next()).toMatchObject({
      __typename: 'MessageEdited',
      messageId,
      message: { text: 'edited' },
    });
    await change(ada, 'Delete', { messageId });
    const isGone = { message: { text: null }, ...byAda() };
    expect(await next()).toMatchObject({ __typename: 'MessageDeleted', messageId, ...isGone });
    await inChannel.return?.();
  });

  it('hears of a group: who comes, gets a role, and goes, and how it is called', async () => {
    const { userId } = await world.signUp('hal');
    const member = { role: 'MEMBER', user: { handle: 'hal' } };
    await change(ada, 'AddPeople', { channelId, userIds: [userId] });
    expect(await next()).toMatchObject({ __typename: 'MemberAdded', member, ...byAda() });
    await change(ada, 'GiveRole', { channelId, userId, role: 'ADMIN' });
    expect(await next()).toMatchObject({
      __typename: 'MemberRoleChanged',
      member: { role: 'ADMIN' },
      ...byAda(),
    });
    await change(ada, 'RemovePerson', { channelId, userId });
    expect(await next()).toMatchObject({ __typename: 'MemberRemoved', user: { id: userId }, ...byAda() });
    await change(ada, 'EditGroup', { channelId, name: 'Renamed' });
    expect(await next()).toMatchObject({
      __typename: 'ChannelUpdated',
      channel: { name: 'Renamed' },
      ...byAda(),
    });
    await change(ada, 'RemovePerson', { channelId, userId: bob.userId });
    const isOver = { channel: null, user: { id: bob.userId }, ...byAda() };
    expect(await next()).toMatchObject({ __typename: 'MemberRemoved', channelId, ...isOver });
  });

  it('hears of what its person does on another device', async () => {
    await change(bob, 'Mute', { channelId });
    expect(await next()).toMatchObject({
      __typename: 'ViewerChannelChanged',
      channelId,
      channel: { viewerState: { isMuted: true, mutedUntil: null }, viewerCan: { send: may } },
    });
    await change(bob, 'EditProfile', { displayName: 'Bob B.' });
    expect(await next()).toMatchObject({
      __typename: 'ViewerChanged',
      viewer: { user: { displayName: 'Bob B.' }, devices: [{ isCurrent: true }] },
    });
  });

  it('gets the same by page, and waits for what comes', async () => {
    await edit('edited');
    await change(bob, 'Archive', { channelId });
    type Page = { changes: { cursor: string; events: Happened['events'][] } };
    const { changes } = await ask<Page>(bob, 'Poll', { after: [syncCursor] });
    const kinds = changes.events.map(({ __typename }) => __typename);
    expect(kinds.sort()).toEqual(['MessageEdited', 'ViewerChannelChanged']);
    const waiting = ask<Page>(bob, 'Poll', { after: [changes.cursor], waitSeconds: 20 });
    const { id } = await send(ada, { channelId, text: 'late' });
    expect(await waiting).toMatchObject({
      changes: { events: [{ __typename: 'MessageSent', messageId: id }] },
    });
  });

  it('has asked all that streams', () => {
    expect(neverAsked().filter((name) => streamed.includes(name))).toEqual([]);
  });
});
