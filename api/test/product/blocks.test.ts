import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId } from '../../../schema/ids.ts';
import { editMessage } from '../../../schema/message/edit-message.ts';
import { sendMessage } from '../../../schema/message/send-message.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { contactsOf, type Person, persons, userAbilities } from './contacting.ts';
import { reply } from './replying.ts';
import { isCaughtUp, until } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

const refused = { __typename: 'Denied', code: 'NOT_ACCEPTING', until: null };
const notAccepting = { isAllowed: false, code: 'NOT_ACCEPTING' };
const yes = { isAllowed: true, code: null };

/** Ada and Bob in their channel, where each has said something; and Ada blocks Bob. */
async function blocking() {
  const { ada, bob, eve } = await persons(world, 'ada', 'bob', 'eve');
  const { id } = (await ada.openDirect(bob.userId)).channel;
  const said = {
    ada: (await ada.send(id, 'Hers', 'hers')).message.id,
    bob: (await bob.send(id, 'His', 'his')).message.id,
  };
  await ada.to.block(bob.userId);
  return { ada, bob, eve, id, said };
}
type Blocking = Awaited<ReturnType<typeof blocking>>;
const both = [
  [
    'who blocks',
    ({ ada, bob, said }: Blocking) => ({ viewer: ada, other: bob, own: said.ada, theirs: said.bob }),
  ],
  [
    'who is blocked',
    ({ ada, bob, said }: Blocking) => ({ viewer: bob, other: ada, own: said.bob, theirs: said.ada }),
  ],
] as const;

const abilitiesIn = `query ($id: ID!) { channel(id: $id) { viewerCan { send { isAllowed code } }
  messages { edges { node { id viewerCan { edit { isAllowed code } delete { isAllowed code } reply { isAllowed code } } } } } } }`;
type Abilities = {
  channel: { viewerCan: object; messages: { edges: { node: { id: string; viewerCan: object } }[] } };
};

describe.each(both)('%s', (_, sideOf) => {
  it('cannot open a channel with the other, whether it is open or not', async () => {
    const { viewer, other } = sideOf(await blocking());
    expect(await viewer.openDirect(other.userId)).toMatchObject(refused);
    const { ada, bob } = await persons(world, 'ada', 'bob');
    await ada.to.block(bob.userId);
    const { viewer: second, other: third } = sideOf({ ...(await blocking()), ada, bob });
    expect(await second.openDirect(third.userId)).toMatchObject(refused);
    for (const one of [ada, bob]) expect((await one.channels()).edges).toEqual([]);
  });

  it('cannot ask the other for contact', async () => {
    const { viewer, other } = sideOf(await blocking());
    expect(await viewer.to.request(other.userId)).toMatchObject(refused);
    expect((await viewer.to.requests('OUTGOING')).edges).toEqual([]);
    expect((await other.to.requests('INCOMING')).edges).toEqual([]);
  });

  it('cannot send, answer or edit in their channel, and can read it and take back what they said', async () => {
    const setting = await blocking();
    const { viewer, own, theirs } = sideOf(setting);
    const { id } = setting;
    expect(await viewer.send(id, 'More')).toMatchObject(refused);
    expect(await reply(viewer, id, { replyToId: theirs })).toMatchObject({ code: 'NOT_ACCEPTING' });
    expect(await viewer.edit(own, 'Other')).toMatchObject(refused);
    expect(await viewer.edit(theirs, 'Other')).toMatchObject({ code: 'NOT_YOURS' });
    expect((await viewer.history(id)).edges.map(({ node }) => node.text)).toEqual(['Hers', 'His']);
    expect(await viewer.erase(own)).toMatchObject({ message: { id: own, text: null } });
    expect(await viewer.archive(id)).toMatchObject({ channel: { viewerState: { isArchived: true } } });
  });

  it('is told so by viewerCan before they try', async () => {
    const setting = await blocking();
    const { viewer, other, own, theirs } = sideOf(setting);
    const { viewerCan } = await viewer.to.see(other.handle);
    for (const ability of userAbilities) expect(viewerCan[ability], ability).toMatchObject(notAccepting);
    const { channel } = await viewer.query<Abilities>(abilitiesIn, { id: setting.id });
    expect(channel.viewerCan).toEqual({ send: notAccepting });
    const can = new Map(channel.messages.edges.map(({ node }) => [node.id, node.viewerCan]));
    expect(can.get(own)).toEqual({ edit: notAccepting, delete: yes, reply: notAccepting });
    const notYours = { isAllowed: false, code: 'NOT_YOURS' };
    expect(can.get(theirs)).toEqual({ edit: notYours, delete: notYours, reply: notAccepting });
  });

  it('cannot add the other to a group, nor found one with them, and adds everybody else', async () => {
    const setting = await blocking();
    const { viewer, other } = sideOf(setting);
    const { eve } = setting;
    const left = [{ userId: other.userId, code: 'NOT_ACCEPTING', explanation: expect.stringMatching(/\.$/) }];
    const founded = await viewer.createGroup([other.userId, eve.userId], { nonce: 'with both' });
    expect(founded).toMatchObject({ notAdded: left, deduplicated: false });
    expect(founded.channel.memberCount).toBe(2);
    expect(await viewer.createGroup([other.userId, eve.userId], { nonce: 'with both' })).toMatchObject({
      notAdded: left,
      deduplicated: true,
    });
    const group = (await viewer.createGroup([])).channel.id;
    const added = await viewer.add(group, other.userId, eve.userId);
    expect(added.notAdded).toEqual(left);
    expect(added.added.map(({ user }) => user.id)).toEqual([eve.userId]);
    // Somebody else may bring both together.
    expect(await eve.add(group, other.userId)).toMatchObject({ notAdded: [], added: [{ role: 'MEMBER' }] });
  });

  it('does not find the other by a search, and knows them all the same', async () => {
    const { viewer, other } = sideOf(await blocking());
    const search = `query ($text: String!) { searchUsers(text: $text) { edges { node { id } } } }`;
    expect(await viewer.query(search, { text: other.handle })).toEqual({ searchUsers: { edges: [] } });
    expect(await viewer.to.see(other.handle)).toMatchObject({ id: other.userId });
    const { edges } = (await viewer.query<{ searchUsers: { edges: object[] } }>(search, { text: 'person' }))
      .searchUsers;
    expect(edges.length).toBeGreaterThan(0);
  });

  it('gets the answer again to what they had sent, and is refused what is new', async () => {
    const setting = await blocking();
    const { viewer, own } = sideOf(setting);
    const nonce = viewer === setting.ada ? 'hers' : 'his';
    expect(await viewer.send(setting.id, 'whatever', nonce)).toMatchObject({
      deduplicated: true,
      message: { id: own },
    });
    expect(await viewer.send(setting.id, 'whatever', 'new')).toMatchObject(refused);
  });

  it('talks with the other in groups that both are in as before', async () => {
    const { viewer, other } = sideOf(await blocking());
    const { eve } = await persons(world, 'eve');
    const { id } = (await eve.createGroup([viewer.userId, other.userId])).channel;
    const { message } = await other.send(id, 'Hello');
    expect(await reply(viewer, id, { replyToId: message.id })).toMatchObject({
      message: { replyTo: { text: 'Hello' } },
    });
    const own = await viewer.send(id, 'Mine');
    expect(await viewer.edit(own.message.id, 'Edited')).toMatchObject({ message: { text: 'Edited' } });
    expect((await viewer.members(id)).edges.map(({ node }) => node.user.id)).toContain(other.userId);
  });
});

describe('a block', () => {
  it('counts from the next send on, though the one before it was allowed, and so does its end', async () => {
    const { ada, bob } = await persons(world, 'ada', 'bob');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    for (const _ of upTo(3)) {
      expect(await bob.send(id, 'Hello')).toMatchObject({ deduplicated: false });
      expect(await ada.send(id, 'Hello')).toMatchObject({ deduplicated: false });
      await ada.to.block(bob.userId);
      expect(await bob.send(id, 'Hello')).toMatchObject(refused);
      expect(await ada.send(id, 'Hello')).toMatchObject(refused);
      await ada.to.unblock(bob.userId);
    }
  });

  it('by both ends when both have ended it', async () => {
    const { ada, bob, id, said } = await blocking();
    await bob.to.block(ada.userId);
    await ada.to.unblock(bob.userId);
    for (const one of [ada, bob]) expect(await one.send(id, 'Hello')).toMatchObject(refused);
    await bob.to.unblock(ada.userId);
    for (const one of [ada, bob]) expect(await one.send(id, 'Hello')).toMatchObject({ deduplicated: false });
    expect(await bob.edit(said.bob, 'Edited')).toMatchObject({ message: { text: 'Edited' } });
    expect(await ada.openDirect(bob.userId)).toMatchObject({ channel: { id } });
    expect(await bob.to.request(ada.userId)).toMatchObject({ user: { viewerContact: 'REQUESTED_BY_ME' } });
  });

  it('is told to both in their channel, with what they may do there, and so is its end', async () => {
    const { ada, bob } = await persons(world, 'ada', 'bob');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    const document = `query ($after: [Cursor!]!) { changes(after: $after) { cursor events { __typename
      ... on ViewerChannelChanged { channelId channel { viewerCan { send { isAllowed code } } } }
      ... on ContactChanged { userId } } } }`;
    const after = new Map([
      [ada, await ada.syncCursor()],
      [bob, await bob.syncCursor()],
    ]);
    const heard = async (person: Person) => {
      type Answer = { changes: { cursor: string; events: object[] } };
      const { changes } = await person.query<Answer>(document, { after: [after.get(person)] });
      after.set(person, changes.cursor);
      return changes.events;
    };
    const inChannel = (send: object) => ({
      __typename: 'ViewerChannelChanged',
      channelId: id,
      channel: { viewerCan: { send } },
    });
    const contact = ({ userId }: Person) => ({ __typename: 'ContactChanged', userId });
    await ada.to.block(bob.userId);
    expect(await heard(ada)).toEqual([contact(bob), inChannel(notAccepting)]);
    expect(await heard(bob)).toEqual([inChannel(notAccepting)]);
    // The other way round nothing changes there, and who blocks first must not learn of it.
    await bob.to.block(ada.userId);
    expect(await heard(ada)).toEqual([]);
    expect(await heard(bob)).toEqual([contact(ada)]);
    await ada.to.unblock(bob.userId);
    expect(await heard(ada)).toEqual([contact(bob)]);
    expect(await heard(bob)).toEqual([]);
    await bob.to.unblock(ada.userId);
    expect(await heard(ada)).toEqual([inChannel(yes)]);
    expect(await heard(bob)).toEqual([contact(ada), inChannel(yes)]);
  });

  it('of a stranger is told to nobody but who blocks', async () => {
    const { ada, bob } = await persons(world, 'ada', 'bob');
    const cursor = await bob.syncCursor();
    await ada.to.block(bob.userId);
    await ada.to.unblock(bob.userId);
    const { events, cursor: after } = await bob.changes([cursor]);
    // Not even a version of their feed was spent, by which they could tell.
    expect({ events, after }).toEqual({ events: [], after: cursor });
  });

  it('arrives on a stream that is open, on all devices', async () => {
    const { ada, bob } = await persons(world, 'ada', 'bob');
    const { id } = (await ada.openDirect(bob.userId)).channel;
    const phone = await world.signIn(bob.handle);
    const document = `subscription { event: events { __typename ... on ChannelEvent { channelId } } }`;
    const stream = await phone.subscribe<{ event: { __typename: string; channelId?: string } }>(document);
    const next = async () => (await stream.next()).value?.data.event;
    while ((await next())?.__typename !== 'CaughtUp');
    await ada.to.block(bob.userId);
    expect(await next()).toEqual({ __typename: 'ViewerChannelChanged', channelId: id });
    await stream.return?.();
  });
});

describe('while a block is on its way', () => {
  it('a send is refused, or comes before it: of a stream of them, what is sent when it has answered is refused', async () => {
    for (const _ of upTo(8)) {
      const { ada, bob } = await persons(world, 'ada', 'bob');
      const { id } = (await ada.openDirect(bob.userId)).channel;
      const before = await bob.send(id, 'before');
      const state = { isBlocked: false };
      const answers: { readonly isLate: boolean; readonly code: string | undefined }[] = [];
      /** Three at once, again and again, until one is refused. */
      const sendOn = async () => {
        while (answers.every(({ code }) => code === undefined) && answers.length < 1_000) {
          const isLate = state.isBlocked;
          answers.push({ isLate, code: (await bob.send(id, `message ${answers.length}`)).code });
        }
      };
      const sending = upTo(3).map(sendOn);
      await ada.to.block(bob.userId);
      state.isBlocked = true;
      await Promise.all(sending);
      const refusals = answers.filter(({ code }) => code !== undefined);
      expect(refusals.length).toBeGreaterThan(0);
      expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['NOT_ACCEPTING']));
      expect(answers.filter(({ isLate, code }) => isLate && code === undefined)).toEqual([]);
      const { lastNumber } = (await ada.channel(id)) ?? {};
      expect(lastNumber).toBe(before.message.number + answers.length - refusals.length);
    }
  });

  it('a channel is opened before it, or not at all', async () => {
    for (const _ of upTo(12)) {
      const { ada, bob } = await persons(world, 'ada', 'bob');
      const [opened] = await Promise.all([bob.openDirect(ada.userId), ada.to.block(bob.userId)]);
      const channels = (await ada.channels()).edges;
      expect(channels).toHaveLength(opened.code === undefined ? 1 : 0);
      if (opened.code !== undefined) expect(opened.code).toBe('NOT_ACCEPTING');
      for (const { node } of channels) expect(await bob.send(node.id, 'Hello')).toMatchObject(refused);
    }
  });

  it('somebody is added to a group before it, or not at all', async () => {
    for (const _ of upTo(12)) {
      const { ada, bob } = await persons(world, 'ada', 'bob');
      const { id } = (await bob.createGroup([])).channel;
      const [{ added, notAdded }] = await Promise.all([bob.add(id, ada.userId), ada.to.block(bob.userId)]);
      expect(added.length + notAdded.length).toBe(1);
      expect((await ada.channel(id)) === null).toBe(added.length === 0);
      for (const { code } of notAdded) expect(code).toBe('NOT_ACCEPTING');
    }
  });
});

describe('on another server', () => {
  let clock: ManualClock;
  let apart: World;
  beforeAll(async () => {
    clock = createManualClock(Date.now());
    apart = await openWorld({ log: 'postgres', clock });
  });
  afterAll(() => apart.close());

  it('a block counts 2 s later at most for sends, and at once for edits; its end at once', async () => {
    const { ada } = await persons(apart, 'ada');
    const bob = await apart.signUp();
    const { channel } = await ada.openDirect(bob.userId);
    const other = await onAnotherServer(apart, bob);
    const send = (nonce: string) =>
      sendMessage(other.scope, { channelId: incomingId(channel.id), text: 'Hello', nonce });
    const first = await send('1');
    if (!('message' in first)) throw new Error('It was refused.');
    const edit = () =>
      editMessage({ ...other.scope }, { messageId: incomingId(idIn(first.message)), text: 'Edited' });
    await ada.to.block(bob.userId);
    expect(await edit()).toMatchObject({ code: 'NOT_ACCEPTING' });
    expect(await send('2')).toMatchObject({ deduplicated: false });
    await clock.advance(2_000);
    expect(await send('3')).toMatchObject({ allowed: false, code: 'NOT_ACCEPTING' });
    await ada.to.unblock(bob.userId);
    expect(await send('3')).toMatchObject({ deduplicated: false });
    await other.close();
  });
});

const idIn = ({ channelId, seq }: { readonly channelId: string; readonly seq: number }) =>
  `msg${channelId.slice(3)}.${seq.toString(32).padStart(11, '0')}`;

it('what somebody hears of who blocks them is what a removed contact hears, and no more', async () => {
  const { ada, bob } = await persons(world, 'ada', 'bob');
  await ada.to.request(bob.userId);
  await bob.to.accept(ada.userId);
  const cursor = await bob.syncCursor();
  await ada.to.block(bob.userId);
  const events = await until(await bob.events([cursor]), isCaughtUp);
  expect(events.map(({ __typename }) => __typename)).toEqual(['ContactChanged', 'CaughtUp']);
  expect(await bob.to.see(ada.handle)).toMatchObject({ viewerContact: 'NONE' });
  expect((await contactsOf(bob).contacts()).edges).toEqual([]);
});
