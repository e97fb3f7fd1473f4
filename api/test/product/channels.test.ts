import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRisingClock, openWorld, type World } from '../world.ts';
import { type Filter, type PageArgs, people, type Talker } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: createRisingClock() });
});
afterAll(() => world.close());

const namesOf = ({ edges }: { edges: readonly { node: { name: string | null } }[] }) =>
  edges.map(({ node }) => node.name).join(' ');

describe('the list of channels', () => {
  /** Groups a to e of Ada and Bob, made in this order; ids by name. */
  async function groups() {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const ids: Record<string, string> = {};
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      ids[name] = (await ada.createGroup([bob.userId], { name })).channel.id;
    }
    const touch = async (name: string, by: Talker = bob) => (await by.send(ids[name] ?? '', name)).message;
    return { ada, bob, ids, touch };
  }

  it('has the newest activity first: a message, an edit, somebody coming or going', async () => {
    const { ada, bob, ids, touch } = await groups();
    const { eve } = await people(world, 'eve');
    const order = async (viewer = ada) => namesOf(await viewer.channels());
    expect(await order()).toBe('e d c b a');
    const message = await touch('b');
    expect(await order()).toBe('b e d c a');
    await touch('a', ada);
    expect(await order(bob)).toBe('a b e d c');
    await bob.edit(message.id, 'edited');
    expect(await order()).toBe('b a e d c');
    await ada.add(ids.c ?? '', eve.userId);
    expect(await order()).toBe('c b a e d');
    await eve.leave(ids.c ?? '');
    await ada.erase(message.id);
    expect(await order()).toBe('b c a e d');
    expect(await order(eve)).toBe('');
  });

  it('comes in pages both ways', async () => {
    const { ada } = await groups();
    const first = await ada.channels({ first: 2 });
    expect(namesOf(first)).toBe('e d');
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const after = first.pageInfo.endCursor ?? '';
    const second = await ada.channels({ first: 2, after });
    expect(namesOf(second)).toBe('c b');
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const third = await ada.channels({ first: 2, after: second.pageInfo.endCursor ?? '' });
    expect(namesOf(third)).toBe('a');
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const back = await ada.channels({ last: 2, before: third.pageInfo.startCursor ?? '' });
    expect(namesOf(back)).toBe('c b');
    expect(namesOf(await ada.channels({ last: 1 }))).toBe('a');
  });

  it('goes on where a page ended, also when something has moved to the top', async () => {
    const { ada, touch } = await groups();
    const first = await ada.channels({ first: 2 });
    await touch('d'); // the one that the page ended with
    const second = await ada.channels({ first: 5, after: first.pageInfo.endCursor ?? '' });
    expect(namesOf(second)).toBe('c b a');
  });

  it('is empty for somebody new, and has nothing that one has left', async () => {
    const { ada, bob, ids } = await groups();
    const { eve } = await people(world, 'eve');
    expect(await eve.channels()).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
    await ada.remove(ids.c ?? '', bob.userId);
    await bob.leave(ids.e ?? '');
    expect(namesOf(await bob.channels())).toBe('d b a');
  });

  it.for([[{ first: 101 }], [{ first: -1 }], [{ first: 1, last: 1 }], [{ after: 'nonsense' }]] as const)(
    'refuses %j',
    async ([args]) => {
      const { ada } = await people(world, 'ada');
      const document = `query ($first: Int, $last: Int, $after: String) {
        viewer { channels(first: $first, last: $last, after: $after) { edges { cursor } } } }`;
      const { errors } = await ada.execute(document, args);
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    },
  );
});

describe('the list of channels, filtered', () => {
  /** Ada's: groups a to d, and two channels with one other person each; b, d and the second of those are archived. */
  async function channels() {
    const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
    const ids: Record<string, string> = {};
    for (const name of ['a', 'b', 'c', 'd']) ids[name] = (await ada.createGroup([], { name })).channel.id;
    ids.bob = (await ada.openDirect(bob.userId)).channel.id;
    ids.eve = (await ada.openDirect(eve.userId)).channel.id;
    for (const name of ['b', 'd', 'eve']) await ada.archive(ids[name] ?? '');
    const nameOf = (id: string) => Object.entries(ids).find(([, known]) => known === id)?.[0];
    const list = async (filter?: Filter | null, args: PageArgs = {}) => {
      const page = await ada.channels({ ...args, filter });
      return { ...page, names: page.edges.map(({ node }) => nameOf(node.id)).join(' ') };
    };
    return { ada, ids, list };
  }

  it.for([
    [undefined, 'eve bob d c b a'],
    [null, 'eve bob d c b a'],
    [{}, 'eve bob d c b a'],
    [{ kind: null, isArchived: null }, 'eve bob d c b a'],
    [{ kind: 'GROUP' }, 'd c b a'],
    [{ kind: 'DIRECT' }, 'eve bob'],
    [{ isArchived: true }, 'eve d b'],
    [{ isArchived: false }, 'bob c a'],
    [{ kind: 'GROUP', isArchived: true }, 'd b'],
    [{ kind: 'DIRECT', isArchived: false }, 'bob'],
  ] as const)('by %j has, last activity first: %s', async ([filter, names]) => {
    const { list } = await channels();
    expect((await list(filter)).names).toBe(names);
  });

  it('comes in pages of what passes the filter', async () => {
    const { list } = await channels();
    const filter = { isArchived: true };
    const first = await list(filter, { first: 2 });
    expect(first.names).toBe('eve d');
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const second = await list(filter, { first: 2, after: first.pageInfo.endCursor ?? '' });
    expect(second.names).toBe('b');
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect((await list(filter, { last: 1 })).names).toBe('b');
  });

  it('goes on at the same place when the one it ended with falls out of it, or with another filter', async () => {
    const { ada, ids, list } = await channels();
    const first = await list({ isArchived: true }, { first: 2 });
    const after = first.pageInfo.endCursor ?? '';
    await ada.unarchive(ids.d ?? '');
    expect((await list({ isArchived: true }, { first: 5, after })).names).toBe('b');
    expect((await list({ isArchived: false }, { first: 5, after })).names).toBe('c a');
    expect((await list(null, { first: 5, after })).names).toBe('c b a');
  });

  it('keeps its order when something is archived, muted or opened again: that is no activity', async () => {
    const { ada, ids, list } = await channels();
    const before = (await list()).names;
    await ada.archive(ids.a ?? '');
    await ada.mute(ids.c ?? '');
    await ada.openDirect((await ada.channel(ids.bob ?? ''))?.directPeer?.id ?? '');
    expect((await list()).names).toBe(before);
  });
});

describe('what was said last', () => {
  it('is what the viewer may see, while the number is that of the channel', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { id } = (await ada.createGroup([])).channel;
    await ada.send(id, 'one');
    await ada.send(id, 'two');
    await ada.add(id, bob.userId);
    expect(await bob.channel(id)).toMatchObject({ lastNumber: 2, lastMessage: null });
    expect(await ada.channel(id)).toMatchObject({ lastNumber: 2, lastMessage: { text: 'two' } });
    await ada.send(id, 'three');
    expect(await bob.channel(id)).toMatchObject({ lastNumber: 3, lastMessage: { number: 3, text: 'three' } });
    // Away, back again: the last of the stay before is what is left to be seen.
    await ada.remove(id, bob.userId);
    await ada.send(id, 'four');
    await ada.add(id, bob.userId);
    expect(await bob.channel(id)).toMatchObject({ lastNumber: 4, lastMessage: { number: 3, text: 'three' } });
  });

  it('is the tombstone when that was deleted, and the text as it was edited', async () => {
    const { ada } = await people(world, 'ada');
    const { id } = (await ada.createGroup([])).channel;
    const { message } = await ada.send(id, 'text');
    await ada.edit(message.id, 'edited');
    expect(await ada.channel(id)).toMatchObject({ lastMessage: { id: message.id, text: 'edited' } });
    await ada.erase(message.id);
    expect(await ada.channel(id)).toMatchObject({ lastMessage: { id: message.id, text: null } });
  });
});

describe('things by their id', () => {
  it('are found by node and nodes, in the order asked for', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { channel } = await ada.createGroup([bob.userId]);
    const { message } = await bob.send(channel.id, 'text');
    const { id: memberId } = channel.viewerState.member;
    const ids = [message.id, memberId, 'msg', channel.id, message.id, bob.userId];
    const document = `query ($ids: [ID!]!, $id: ID!) {
      nodes(ids: $ids) { __typename id ... on Message { text nonce } ... on Member { role } ... on Channel { name } }
      node(id: $id) { __typename id ... on Message { text author { id } channel { name } } }
    }`;
    expect(await ada.query(document, { ids, id: message.id })).toEqual({
      nodes: [
        { __typename: 'Message', id: message.id, text: 'text', nonce: null },
        { __typename: 'Member', id: memberId, role: 'OWNER' },
        null,
        { __typename: 'Channel', id: channel.id, name: 'Crew' },
        { __typename: 'Message', id: message.id, text: 'text', nonce: null },
        { __typename: 'User', id: bob.userId },
      ],
      node: {
        __typename: 'Message',
        id: message.id,
        text: 'text',
        author: { id: bob.userId },
        channel: { name: 'Crew' },
      },
    });
  });
});

describe('nobody in particular', () => {
  it.for([
    ['{ channel(id: "chn1") { id } }'],
    ['{ message(id: "msg1.00000000001") { id } }'],
    ['{ node(id: "chn1") { id } }'],
    ['{ nodes(ids: ["chn1"]) { id } }'],
    ['{ changes(after: ["AQ"]) { cursor } }'],
    ['mutation { createGroup(input: { name: "x", memberIds: [], nonce: "n" }) { __typename } }'],
    ['mutation { addMembers(input: { channelId: "chn1", userIds: [] }) { __typename } }'],
    ['mutation { removeMember(input: { channelId: "chn1", userId: "usr1" }) { __typename } }'],
    ['mutation { setMemberRole(input: { channelId: "chn1", userId: "usr1", role: ADMIN }) { __typename } }'],
    ['mutation { leaveChannel(input: { channelId: "chn1" }) { __typename } }'],
    ['mutation { openDirectChannel(input: { userId: "usr1" }) { __typename } }'],
    ['mutation { updateGroup(input: { channelId: "chn1", name: "x" }) { __typename } }'],
    ['mutation { muteChannel(input: { channelId: "chn1" }) { __typename } }'],
    ['mutation { unmuteChannel(input: { channelId: "chn1" }) { __typename } }'],
    ['mutation { archiveChannel(input: { channelId: "chn1" }) { __typename } }'],
    ['mutation { unarchiveChannel(input: { channelId: "chn1" }) { __typename } }'],
    ['mutation { sendMessage(input: { channelId: "chn1", text: "x", nonce: "n" }) { __typename } }'],
    ['mutation { editMessage(input: { messageId: "msg1.00000000001", text: "x" }) { __typename } }'],
    ['mutation { deleteMessage(input: { messageId: "msg1.00000000001" }) { __typename } }'],
  ] as const)('is refused %s', async ([document]) => {
    const { errors } = await world.anonymous.execute(document);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it.for([
    ['subscription { events { eventId } }'],
    ['subscription { messageAdded(channelId: "chn1") { id } }'],
  ] as const)('is refused %s', async ([document]) => {
    const refused = expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } });
    await expect(world.anonymous.subscribe(document)).rejects.toEqual(refused);
  });

  it('has neither a viewer nor a cursor', async () => {
    expect(await world.anonymous.execute('{ viewer { id } syncCursor }')).toEqual({
      data: { viewer: null, syncCursor: null },
    });
  });
});
