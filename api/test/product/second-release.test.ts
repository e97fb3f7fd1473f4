import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, password } from '../../../schema/test/world.ts';
import { createRisingClock, openWorld, type World } from '../world.ts';
import { denied, invalid, may, mayNot } from './released-client.ts';
import { type Id, openSecondRelease, streamed } from './second-release-client.ts';

// A whole day of a client that was built with release 0.2.0. What later releases add, it neither asks for nor trips over.

const { ask, change, group, send, neverAsked } = openSecondRelease();

type Page = { readonly pageInfo: { readonly startCursor: string; readonly endCursor: string } };

const device = { label: 'A phone of then', platform: 'IOS' };

describe('a client of 0.2.0', () => {
  let world: World;
  let ada: Person;
  let bob: Person;
  beforeAll(async () => {
    world = await openWorld({ clock: createRisingClock() });
    [ada, bob] = [await world.signUp('ada'), await world.signUp('bob')];
  });
  afterAll(() => world.close());

  describe('on its account', () => {
    it('registers, logs in, refreshes, and logs out', async () => {
      const isEve = {
        user: { handle: 'eve', displayName: 'Eve' },
        devices: [{ isCurrent: true, ...device }],
      };
      const account = { handle: 'eve', displayName: 'Eve', password, device };
      expect(await change(world.anonymous, 'Register', account)).toMatchObject({ viewer: isEve });
      expect(await change(world.anonymous, 'Register', account)).toEqual(invalid('HANDLE_TAKEN', 'handle'));
      const logIn = { handle: 'Eve', password, device };
      const isTwice = { ...isEve, devices: [{ isCurrent: true }, { isCurrent: false }] };
      expect(await change(world.anonymous, 'LogIn', logIn)).toMatchObject({ viewer: isTwice });
      expect(await change(world.anonymous, 'LogIn', { ...logIn, password: 'wrong one' })).toEqual(
        denied('WRONG_CREDENTIALS'),
      );
      const { session } = await world.signIn('eve');
      const { refreshToken } = session;
      const isSame = { session: { device: { id: session.device.id, isCurrent: true } } };
      expect(await change(world.anonymous, 'Refresh', { refreshToken })).toMatchObject(isSame);
      expect(await change(world.anonymous, 'LogOut', { refreshToken })).toMatchObject({
        deviceId: session.device.id,
      });
      expect(await change(world.anonymous, 'Refresh', { refreshToken })).toEqual(denied('SESSION_REVOKED'));
    });

    it('changes its profile and its password, and logs out what it has lost', async () => {
      const fay = await world.signUp('fay');
      const lost = await world.signIn('fay');
      const profile = { displayName: 'Fay W.', colour: '#2f6f4f' };
      const isFay = { user: { handle: 'fay', ...profile } };
      expect(await change(fay, 'EditProfile', profile)).toMatchObject({ viewer: isFay });
      expect(await change(fay, 'EditProfile', { colour: 'green' })).toEqual(invalid('MALFORMED', 'colour'));
      const deviceId = lost.session.device.id;
      expect(await change(fay, 'LogOutDevice', { deviceId })).toMatchObject({
        deviceId,
        viewer: { devices: [{ isCurrent: true }] },
      });
      const passwords = { currentPassword: password, newPassword: 'another good one' };
      expect(await change(fay, 'NewPassword', passwords)).toMatchObject({ viewer: isFay });
      expect(await change(fay, 'NewPassword', passwords)).toEqual(denied('WRONG_CREDENTIALS'));
    });
  });

  describe('among people', () => {
    it('finds them, and has one channel with each of them', async () => {
      const gil = await world.signUp('gil');
      const found = { edges: [{ node: { handle: 'gil' } }], pageInfo: { hasNextPage: false } };
      expect(await ask(ada, 'FindPeople', { text: 'GI' })).toMatchObject({ searchUsers: found });
      expect(await ask(ada, 'Profile', { handle: 'GIL' })).toMatchObject({ user: { handle: 'gil' } });
      const opened = await change<{ channel: Id }>(ada, 'OpenDirect', { userId: gil.userId });
      expect(opened).toMatchObject({
        channel: {
          kind: 'DIRECT',
          name: null,
          memberCount: 2,
          directPeer: { handle: 'gil' },
          viewerCan: { send: may, addMembers: mayNot('NOT_A_GROUP'), leave: mayNot('NOT_A_GROUP') },
        },
      });
      const id = String(opened?.channel.id);
      expect(await change(gil, 'OpenDirect', { userId: ada.userId })).toMatchObject({
        channel: { id, directPeer: { handle: 'ada' } },
      });
      expect(await change(ada, 'Leave', { channelId: id })).toEqual(denied('NOT_A_GROUP'));
      expect(await change(ada, 'OpenDirect', { userId: 'usr7vvvvv' })).toEqual(denied('NOT_FOUND'));
    });

    it('keeps a group: who is in it, in which role, under which name', async () => {
      const { channelId } = await group(ada, []);
      const userId = bob.userId;
      expect(await change(ada, 'AddPeople', { channelId, userIds: [userId] })).toMatchObject({
        channel: { memberCount: 2 },
        added: [{ role: 'MEMBER', user: { handle: 'bob' } }],
      });
      expect(await change(ada, 'AddPeople', { channelId, userIds: [userId] })).toMatchObject({
        notAdded: [{ userId, code: 'ALREADY_A_MEMBER' }],
      });
      expect(await change(bob, 'EditGroup', { channelId, name: 'Mine' })).toEqual(denied('ROLE_TOO_LOW'));
      expect(await change(ada, 'GiveRole', { channelId, userId, role: 'OWNER' })).toMatchObject({
        channel: { viewerCan: { setRoles: may, leave: may } },
        member: { role: 'OWNER', user: { handle: 'bob' } },
      });
      const edited = { name: 'Bob’s', topic: null, historyVisibility: 'ALL' };
      expect(await change(bob, 'EditGroup', { channelId, ...edited })).toMatchObject({ channel: edited });
      const isAda = { channelId, userId: ada.userId };
      expect(await change(bob, 'RemovePerson', isAda)).toEqual(denied('ROLE_TOO_LOW'));
      expect(await change(bob, 'GiveRole', { ...isAda, role: 'MEMBER' })).toMatchObject({
        member: { role: 'MEMBER' },
      });
      expect(await change(bob, 'RemovePerson', isAda)).toMatchObject({
        channel: { memberCount: 1 },
      });
      expect(await change(ada, 'Leave', { channelId })).toEqual(denied('NOT_FOUND'));
      expect(await change(bob, 'Leave', { channelId })).toMatchObject({ channelId, viewer: {} });
    });

    it('mutes and archives, and finds the rest by a filter', async () => {
      const [kept, away] = [await group(ada, [bob]), await group(ada, [bob])];
      const { channelId } = away;
      const until = '2099-01-01T00:00:00.000Z';
      const state = (own: object) => ({ channel: { id: channelId, viewerState: own } });
      const quiet = { isMuted: true, mutedUntil: until, isArchived: false };
      expect(await change(bob, 'Mute', { channelId, until })).toMatchObject(state(quiet));
      expect(await change(bob, 'Mute', { channelId, until: '2001-01-01T00:00:00.000Z' })).toMatchObject(
        invalid('MALFORMED', 'until'),
      );
      expect(await change(bob, 'Unmute', { channelId })).toMatchObject(
        state({ isMuted: false, mutedUntil: null }),
      );
      expect(await change(bob, 'Archive', { channelId })).toMatchObject(state({ isArchived: true }));
      type First = { viewer: { channels: { edges: { node: Id }[] } } };
      const idsOf = ({ viewer }: First) => viewer.channels.edges.map(({ node }) => node.id);
      expect(idsOf(await ask<First>(bob, 'FirstScreen'))).toEqual(expect.arrayContaining([kept.channelId]));
      expect(idsOf(await ask<First>(bob, 'FirstScreen'))).not.toContain(channelId);
      expect(idsOf(await ask<First>(bob, 'FirstScreen', { archived: true }))).toEqual([channelId]);
      expect(await change(bob, 'Unarchive', { channelId })).toMatchObject(state({ isArchived: false }));
    });
  });

  describe('in a channel', () => {
    it('shows a first screen and pages of channels', async () => {
      await group(ada, [bob], ['first']);
      const first = await ask<{ server: object; syncCursor: string }>(bob, 'FirstScreen');
      expect(first).toMatchObject({
        syncCursor: expect.any(String),
        server: { limits: { membersPerGroup: 100, pageSize: 100 }, socketEndpoints: [{ zone: null }] },
        viewer: {
          user: { handle: 'bob' },
          devices: [{ isCurrent: true, label: 'A browser', platform: 'WEB' }],
          channels: { edges: expect.arrayContaining([expect.objectContaining({ node: expect.anything() })]) },
        },
      });
      const of = { kind: 'GROUP', first: 1 };
      type Channels = { viewer: { channels: Page } };
      const newest = await ask<Channels>(bob, 'MoreChannels', of);
      expect(newest).toMatchObject({
        viewer: {
          channels: {
            edges: [{ node: { lastMessage: { text: 'first' } } }],
            pageInfo: { hasNextPage: true },
          },
        },
      });
      const after = newest.viewer.channels.pageInfo.endCursor;
      const second = await ask<Channels>(bob, 'MoreChannels', { ...of, after });
      expect(second).toMatchObject({ viewer: { channels: { pageInfo: { hasPreviousPage: true } } } });
      const before = second.viewer.channels.pageInfo.startCursor;
      expect(await ask(bob, 'MoreChannels', { kind: 'GROUP', last: 1, before })).toMatchObject({
        viewer: { channels: { edges: [{ cursor: after }] } },
      });
    });

    it('shows pages of members', async () => {
      const { channelId } = await group(ada, [bob]);
      type Members = { channel: { members: Page } };
      const owner = await ask<Members>(bob, 'MoreMembers', { id: channelId, first: 1 });
      expect(owner).toMatchObject({ channel: { members: { edges: [{ node: { role: 'OWNER' } }] } } });
      const behind = { id: channelId, first: 9, after: owner.channel.members.pageInfo.endCursor };
      const rest = await ask<Members>(bob, 'MoreMembers', behind);
      expect(rest).toMatchObject({
        channel: { members: { edges: [{ node: { user: { handle: 'bob' } } }] } },
      });
      const back = { id: channelId, last: 1, before: rest.channel.members.pageInfo.startCursor };
      expect(await ask(bob, 'MoreMembers', back)).toEqual(owner);
    });

    it('reads, jumps and answers', async () => {
      const { channelId: id, messages } = await group(ada, [bob], ['one', 'two', 'three']);
      const two = messages[1]?.id;
      const answer = await send(bob, { channelId: id, text: 'why two?', replyToId: two });
      const answered = { id: two, number: 2, text: 'two', author: { handle: 'ada' } };
      const asked = { replyToNumber: 2, replyTo: answered };
      expect(answer).toMatchObject({ number: 4, ...asked });
      const screen = await ask<{ channel: { messages: Page } }>(bob, 'ChannelScreen', { id });
      expect(screen).toMatchObject({
        channel: {
          lastNumber: 4,
          viewerCan: { send: may, update: mayNot('ROLE_TOO_LOW'), setRoles: mayNot('ROLE_TOO_LOW') },
          members: { edges: [{ node: { role: 'OWNER' } }, { node: { role: 'MEMBER' } }] },
          messages: { edges: [{ node: { text: 'one', nonce: null } }, {}, {}, { node: asked }] },
        },
      });
      const { startCursor } = screen.channel.messages.pageInfo;
      expect(await ask(bob, 'ChannelScreen', { id, before: startCursor })).toMatchObject({
        channel: { messages: { edges: [] } },
      });
      expect(await ask(bob, 'NewerMessages', { id, after: startCursor })).toMatchObject({
        channel: { messages: { edges: [{ node: { text: 'two' } }, {}, {}] } },
      });
      const edges = [{ node: { number: 1 } }, { node: { number: 2 } }];
      const { createdAt } = await nodeOf(two);
      for (const place of [{ messageId: two }, { number: 2 }, { date: createdAt }]) {
        const around = await ask(bob, 'JumpTo', { id, place, countBefore: 1, countAfter: 0 });
        expect(around).toMatchObject({ channel: { messagesAround: { edges } } });
      }
    });

    it('edits and deletes, and knows before what it may', async () => {
      const { channelId, messages } = await group(ada, [bob], ['one', 'two']);
      const [one, two] = messages.map(({ id }) => id);
      const answer = await send(bob, { channelId, text: 'why two?', replyToId: two });
      expect(await ask(ada, 'MessageMenu', { id: one })).toMatchObject({
        message: { viewerCan: { edit: may, delete: may, reply: may }, channel: { viewerCan: { send: may } } },
      });
      expect(await ask(bob, 'MessageMenu', { id: one })).toMatchObject({
        message: { viewerCan: { edit: mayNot('NOT_YOURS'), delete: mayNot('NOT_YOURS'), reply: may } },
      });
      const edit = { messageId: one, text: 'One.', ifRevision: (await nodeOf(one)).revision };
      expect(await change(ada, 'Edit', edit)).toMatchObject({ message: { text: 'One.' } });
      expect(await change(ada, 'Edit', { ...edit, text: 'I.' })).toEqual(denied('STALE'));
      expect(await change(ada, 'Delete', { messageId: two })).toMatchObject({
        message: { text: null, deletedAt: expect.any(String) },
      });
      expect(await ask(bob, 'MessageMenu', { id: answer.id })).toMatchObject({
        message: { replyToNumber: 2, replyTo: { text: null, deletedAt: expect.any(String) } },
      });
      expect(await change(bob, 'Send', { channelId, text: ' ', nonce: 'x' })).toEqual(
        invalid('EMPTY', 'text'),
      );
    });

    type Dated = { readonly createdAt: string; readonly revision: number };
    const nodeOf = async (id: string | undefined) =>
      (await ask<{ message: Dated }>(ada, 'MessageMenu', { id })).message;

    it('finds anything by its id', async () => {
      const { channelId, messages } = await group(ada, [bob], ['x']);
      type Screen = { channel: { viewerState: { member: Id } } };
      const { channel } = await ask<Screen>(ada, 'ChannelScreen', { id: channelId });
      const { viewer } = await ask<{ viewer: Id & { devices: Id[] } }>(ada, 'FirstScreen');
      const ids = [
        channelId,
        messages[0]?.id,
        bob.userId,
        viewer.id,
        channel.viewerState.member.id,
        viewer.devices[0]?.id,
      ];
      expect(await ask(ada, 'ById', { id: channelId, ids: [...ids, 'chn7vvvvv'] })).toEqual({
        node: { __typename: 'Channel', id: channelId, name: 'Crew' },
        nodes: [
          { __typename: 'Channel', id: channelId, name: 'Crew' },
          { __typename: 'Message', id: messages[0]?.id, number: 1 },
          { __typename: 'User', id: bob.userId, handle: 'bob' },
          { __typename: 'Viewer', id: viewer.id, user: { id: ada.userId } },
          { __typename: 'Member', id: channel.viewerState.member.id, role: 'OWNER' },
          { __typename: 'Device', id: viewer.devices[0]?.id, label: 'A browser' },
          null,
        ],
      });
    });
  });

  it('has asked all that it can, but for what streams', () => {
    expect(neverAsked()).toEqual(streamed);
  });
});
