import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import type { Person } from '../../schema/test/world.ts';
import { readConfig } from '../config.ts';
import { openRevocations, type Revocations } from '../revocations.ts';
import { openServer, type Server } from '../server.ts';
import { contactsOf } from '../test/product/contacting.ts';
import { talkerOf } from '../test/product/talker.ts';
import { typingDocuments } from '../test/product/writing.ts';
import { openSse } from '../test/serving/sse-client.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';
import { openWorld, type World } from '../test/world.ts';

// Who is there and who writes, over a socket, which shares executions where it can, and over SSE, which never does.

let world: World;
let revocations: Revocations;
let server: Server;
beforeAll(async () => {
  world = await openWorld();
  const { product } = world;
  revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations }, readConfig({ PORT: '0' }));
});
afterAll(async () => {
  await server.close();
  await revocations.close();
  await world.close();
});

/** Ada in a group with three others: a contact, nobody in particular, and somebody whom she has blocked. */
async function group() {
  const [ada, friend, mate, blocked] = [
    await world.signUp(),
    await world.signUp(),
    await world.signUp(),
    await world.signUp(),
  ];
  const { channel } = await talkerOf(ada).createGroup([friend, mate, blocked].map(({ userId }) => userId));
  await contactsOf(friend).request(ada.userId);
  await contactsOf(ada).accept(friend.userId);
  await contactsOf(ada).block(blocked.userId);
  return { ada, friend, mate, blocked, channelId: channel.id };
}

/** The next thing that somebody is told over the one and over the other. */
async function listen(person: Person, query: string, variables: object) {
  const token = person.session.accessToken;
  const socket = await openAcknowledged(server.socketUrl, token);
  socket.send(subscribeFrame('a', query, variables));
  const sse = await openSse(server.url, { query, variables, token });
  return {
    next: async () => [(await socket.next()).payload, (await sse.next()).data],
    async stop() {
      sse.leave();
      await socket.close();
    },
  };
}

const typingOf = (fields: string) =>
  `subscription ($ids: [ID!]!) { typing(channelIds: $ids) { channelId isTyping validUntil ${fields} } }`;

async function typed(fields: string): Promise<unknown[]> {
  const { ada, friend, mate, channelId } = await group();
  const { shares } = world.product.typing;
  const before = shares.total;
  const variables = { ids: [channelId] };
  const listeners = await Promise.all([friend, mate].map((one) => listen(one, typingOf(fields), variables)));
  await expect.poll(() => shares.total).toBe(before + 4);
  await ada.execute(typingDocuments.set, { input: { channelId, isTyping: true } });
  const told = await Promise.all(listeners.map(({ next }) => next()));
  await Promise.all(listeners.map(({ stop }) => stop()));
  for (const [shared, own] of told) expect(shared).toEqual(own);
  return told.map(([shared]) => shared);
}

describe('who writes', () => {
  it('is said to each viewer as an execution of their own says it, when it is the same for all', async () => {
    const [toFriend, toMate] = await typed('channel { id name memberCount } user { id handle displayName }');
    expect(toFriend).toEqual(toMate);
    expect(toFriend).toMatchObject({ data: { typing: { isTyping: true, channel: { memberCount: 4 } } } });
  });

  it('is so also when something in it is not', async () => {
    const [toFriend, toMate] = await typed('channel { viewerState { id } } user { viewerContact }');
    expect(toFriend).toMatchObject({ data: { typing: { user: { viewerContact: 'CONTACT' } } } });
    expect(toMate).toMatchObject({ data: { typing: { user: { viewerContact: 'NONE' } } } });
  });
});

describe('who is there', () => {
  it('is said to each viewer as they may see it, whoever else is told', async () => {
    const { ada, friend, mate, blocked } = await group();
    const device = { userId: ada.userId, deviceId: ada.viewer.deviceId };
    world.product.presence.connect(device);
    await world.product.presence.setIdle(device, true);
    await talkerOf(ada).query(
      'mutation { updateSettings(input: { lastSeenVisibleTo: CONTACTS }) { __typename } }',
    );
    const query = `subscription ($ids: [ID!]!) { presence(userIds: $ids) {
      user { id displayName presence { id state lastSeenAt } } } }`;
    const seen = await Promise.all(
      [friend, mate, blocked].map(async (one) => {
        const { next, stop } = await listen(one, query, { ids: [ada.userId] });
        const [shared, own] = await next();
        await stop();
        expect(shared).toEqual(own);
        return shared;
      }),
    );
    const said = (presence: object) => ({ data: { presence: { user: { id: ada.userId, presence } } } });
    expect(seen).toMatchObject([
      said({ state: 'IDLE', lastSeenAt: expect.any(String) }),
      said({ state: 'IDLE', lastSeenAt: null }),
      said({ state: 'OFFLINE', lastSeenAt: null }),
    ]);
  });
});
