import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { type Person, password } from '../../../schema/test/world.ts';
import { createDocumentCache } from '../../document-cache.ts';
import { openWorld, type World } from '../world.ts';
import { openReleasedClient, operationsIn, releasedDocuments } from './released-client.ts';

// Clients stay for years on what they were built with. Each file has what those of one release ask; none of them ever changes.

describe.each(readdirSync(releasedDocuments))('what is asked by clients of %s', (file) => {
  const documents = createDocumentCache({ schema, isIntrospectionOpen: true });
  it.each([...operationsIn(file)])('%s is still understood, and within the limits', (_, text) => {
    expect(documents.find(text)).toHaveProperty('node');
  });
});

const { ask, change, listen, neverAsked } = openReleasedClient('0.1.0.graphql');

describe('a client of 0.1.0', () => {
  let world: World;
  let ada: Person;
  let bob: Person;
  beforeAll(async () => {
    world = await openWorld();
    [ada, bob] = [await world.signUp('ada'), await world.signUp('bob')];
  });
  afterAll(() => world.close());

  const crew = async (...people: readonly Person[]) => {
    const group = { name: 'Crew', memberIds: people.map(({ userId }) => userId), nonce: randomUUID() };
    const made = await change<{ channel: { id: string } }>(ada, 'CreateGroup', group);
    expect(made).toMatchObject({ deduplicated: false, notAdded: [], channel: { name: 'Crew' } });
    return String(made?.channel.id);
  };
  const send = async (channelId: string, text: string) => {
    const input = { channelId, text, nonce: text };
    const sent = await change<{ message: { id: string } }>(ada, 'SendMessage', input);
    expect(sent).toMatchObject({ deduplicated: false, message: { text, nonce: text } });
    return String(sent?.message.id);
  };

  it('signs up, in and out', async () => {
    const device = { label: 'An old phone', platform: 'ANDROID' };
    const isEve = { viewer: { user: { handle: 'eve', displayName: 'Eve' } } };
    const account = { handle: 'eve', displayName: 'Eve', password, device };
    expect(await change(world.anonymous, 'SignUp', account)).toMatchObject(isEve);
    expect(await change(world.anonymous, 'SignIn', { handle: 'eve', password, device })).toMatchObject(isEve);
    const { refreshToken } = (await world.signIn('eve')).session;
    expect(await change(world.anonymous, 'RefreshSession', { refreshToken })).toHaveProperty('session');
    expect(await change(world.anonymous, 'SignOut', { refreshToken })).toHaveProperty('deviceId');
  });

  it('brings people together, and is told when it may not', async () => {
    const channelId = await crew();
    const added = await change(ada, 'AddMembers', { channelId, userIds: [bob.userId] });
    expect(added).toMatchObject({ added: [{ role: 'MEMBER', user: { handle: 'bob' } }], notAdded: [] });
    const removal = { channelId, userId: bob.userId };
    expect(await change(ada, 'RemoveMember', removal)).toHaveProperty('memberId');
    const refused = {
      __typename: 'Denied',
      code: 'NOT_A_MEMBER',
      explanation: expect.any(String),
      until: null,
    };
    expect(await change(bob, 'SendMessage', { channelId, text: 'Still?', nonce: 'n' })).toEqual(refused);
    expect(await change(ada, 'LeaveChannel', { channelId })).toMatchObject({ channelId });
  });

  it('reads what was said, edited and deleted', async () => {
    const id = await crew(bob);
    const messageId = await send(id, 'hello');
    const edited = await change(ada, 'EditMessage', { messageId, text: 'hi' });
    expect(edited).toMatchObject({ message: { text: 'hi' } });
    const said = {
      lastMessage: { text: 'hi' },
      messages: { edges: [{ node: { text: 'hi', nonce: null } }] },
    };
    expect(await ask(bob, 'Channel', { id })).toMatchObject({ channel: { lastNumber: 1, ...said } });
    expect(await ask(bob, 'Lookup', { handle: 'ada', messageId, ids: [id, bob.userId] })).toMatchObject({
      user: { handle: 'ada' },
      message: { text: 'hi' },
      node: { __typename: 'Message' },
      nodes: [{ __typename: 'Channel' }, { __typename: 'User' }],
    });
    expect(await change(ada, 'DeleteMessage', { messageId })).toMatchObject({ message: { text: null } });
  });

  it('hears of everything, live and by page', async () => {
    const channelId = await crew(bob);
    const { syncCursor } = await ask<{ syncCursor: string }>(bob, 'Start');
    const listening = await listen<{ events: object }>(bob, 'Events', { after: [syncCursor] });
    const inChannel = await listen(bob, 'MessageAdded', { channelId, afterNumber: 0 });
    expect((await listening.next()).value?.data.events).toMatchObject({ __typename: 'CaughtUp' });
    const messageId = await send(channelId, 'news');
    const sent = { __typename: 'MessageSent', channelId, messageId, message: { text: 'news', nonce: null } };
    expect((await listening.next()).value?.data.events).toMatchObject(sent);
    expect((await inChannel.next()).value?.data).toMatchObject({ messageAdded: { text: 'news' } });
    expect(await ask(bob, 'Changes', { after: [syncCursor] })).toMatchObject({ changes: { events: [sent] } });
    await Promise.all([listening.return?.(), inChannel.return?.()]);
  });

  it('has asked all that it can', () => {
    expect(neverAsked()).toEqual([]);
  });
});
