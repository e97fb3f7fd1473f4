import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { Person } from '../../../schema/test/world.ts';
import { sharePlanOf } from '../../delivery/share-plan.ts';
import { createDocumentCache } from '../../document-cache.ts';
import { decisionFields, keepDecision } from '../product/keep-decision.ts';
import { type Talker, talkerOf } from '../product/talker.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import type { World } from '../world.ts';
import type { Arguments } from './matrix/cells.ts';
import { openProductServer, type ProductServer } from './product-server.ts';
import { createRandomDocuments } from './random-documents.ts';

// Why somebody's phone was silent says when they were active, what they muted, and whom they blocked: it is for nobody else.

let serving: ProductServer;
let world: World;
let cast: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  serving = await openProductServer({}, {}, { log: 'postgres' });
  world = serving.world;
  cast = await play();
});
afterAll(() => serving.close());

type Actor = Talker & Pick<Person, 'session'>;
type Name = 'ada' | 'bob' | 'eve';
const names = ['ada', 'bob', 'eve'] as const;

/** Of each of three people a decision about each message, whose service said whose it is. Eve has left since. */
async function play() {
  const person = async (): Promise<Actor> => {
    const made = await world.signUp();
    return { ...talkerOf(made), session: made.session };
  };
  const actors = { ada: await person(), bob: await person(), eve: await person() };
  const { ada, bob, eve } = actors;
  const { id } = (await ada.createGroup([bob.userId, eve.userId])).channel;
  const cursors = { ada: await ada.syncCursor(), bob: await bob.syncCursor(), eve: await eve.syncCursor() };
  const messageIds: string[] = [];
  for (const who of [ada, bob, eve]) messageIds.push((await who.send(id, 'Hello', 'own')).message.id);
  for (const messageId of messageIds)
    for (const name of names) {
      const { userId, session } = actors[name];
      const answer = { outcome: 'refused', status: 400, reason: `OF-${name}`, at: world.product.clock.now() };
      await keepDecision(world, {
        messageId,
        userId,
        deviceId: session.device.id,
        outcome: 'FAILED',
        answer,
      });
    }
  await eve.leave(id);
  return { ...actors, id, cursors, messageIds };
}

/** Whose decisions, and whose devices, are in an answer. */
const namesIn = (text: string): Name[] =>
  names.filter((name) => text.includes(`OF-${name}`) || text.includes(cast[name].session.device.id));

/** Every way to a message. */
const ways = () => {
  const [first] = cast.messageIds;
  const page = `edges { node { ${decisionFields} replyTo { ${decisionFields} } } }`;
  return [
    `{ message(id: "${first}") { ${decisionFields} } }`,
    `{ node(id: "${first}") { ... on Message { ${decisionFields} } } }`,
    `{ channel(id: "${cast.id}") { messages(first: 10) { ${page} } } }`,
    `{ channel(id: "${cast.id}") { messagesAround(place: { number: 1 }, countBefore: 1, countAfter: 3) { ${page} } } }`,
    `{ channel(id: "${cast.id}") { lastMessage { ${decisionFields} } } }`,
    `{ viewer { channels(first: 10) { edges { node { lastMessage { ${decisionFields} } } } } } }`,
    `{ message(id: "${first}") { channel { lastMessage { notificationDecision { message { ${decisionFields} } } } } } }`,
  ];
};

const ofEvents = `subscription ($after: [Cursor!]) { events(after: $after) { __typename
  ... on MessageSent { message { ${decisionFields} } } } }`;

/** Pages that are short enough for whatever is asked of each entry. */
const known: Readonly<Record<string, ReturnType<Arguments>>> = {
  'Channel.messages': { first: 3 },
  'Channel.messagesAround': { place: { number: 1 }, countBefore: 1, countAfter: 3 },
  'Channel.members': { first: 3 },
  'Viewer.channels': { first: 1 },
  'Viewer.contactRequests': { direction: 'INCOMING', first: 1 },
  'Viewer.contacts': { first: 1 },
  'Viewer.blockedUsers': { first: 1 },
};

/** What somebody reads of three messages over a socket. */
async function heardBy(name: Name): Promise<string> {
  const socket = await openAcknowledged(serving.server.socketUrl, cast[name].session.accessToken);
  socket.send(subscribeFrame('a', ofEvents, { after: [cast.cursors[name]] }));
  await socket.until(({ payload }) => JSON.stringify(payload ?? '').includes('CaughtUp'));
  await socket.close();
  return socket.texts.join('\n');
}

describe('A6: why a device was told, or was not', () => {
  it.for(['ada', 'bob'] as const)('is told by every way only to whose device it is: %s', async (name) => {
    for (const way of ways())
      expect(namesIn(JSON.stringify(await cast[name].query(way))), way).toEqual([name]);
  });

  it('is told to nobody who has left, of what they said themselves either', async () => {
    const { eve, id } = cast;
    for (const way of ways()) expect(namesIn(JSON.stringify(await eve.query(way))), way).toEqual([]);
    const again = `mutation { sendMessage(input: { channelId: "${id}", text: "Hello", nonce: "own" }) {
      ... on SendMessagePayload { deduplicated message { id ${decisionFields} } } } }`;
    const text = JSON.stringify(await eve.query(again));
    expect(text).toContain('"deduplicated":true');
    expect(namesIn(text)).toEqual([]);
  });

  it('has ids that lead nowhere', async () => {
    const { ada, bob, messageIds } = cast;
    for (const id of messageIds.map((one) => one.slice(3)))
      for (const guess of [`ndc${id}`, `ddc${id}`, `ddc${ada.session.device.id.slice(3)}.${id}`])
        expect(await bob.query('query ($id: ID!) { node(id: $id) { id } }', { id: guess })).toEqual({
          node: null,
        });
  });

  it('is read by documents that go anywhere only by whose device it is', async () => {
    const seed = Date.now() % 1_000_000;
    process.stdout.write(`Seed of the documents: ${seed}.\n`);
    const found = new Set<string>();
    for (const name of names) {
      const random = createRandom(seed);
      const documents = createRandomDocuments(random, (coordinate) => known[coordinate] ?? {});
      for (const _ of upTo(100)) {
        const id = cast.messageIds[Math.floor(random() * cast.messageIds.length)];
        const document = `{ message(id: "${id}") { ${documents.below('Message')} } }`;
        const read = namesIn(JSON.stringify(await cast[name].execute(document)));
        if (read.includes(name)) found.add(name);
        expect(
          read.filter((one) => one !== name),
          `Seed ${seed}, ${document}`,
        ).toEqual([]);
      }
    }
    expect([...found]).toEqual(expect.arrayContaining(['ada', 'bob']));
  });
});

describe('A19: why a device was told, or was not', () => {
  it('is made for each who listens, never once for all', async () => {
    const documents = createDocumentCache({ schema, isIntrospectionOpen: true });
    // Already that there is one is of one viewer only.
    const least = 'notificationDecision { __typename }';
    for (const document of [ofEvents, ofEvents.replace(decisionFields, least)]) {
      const found = documents.find(document);
      if (!('node' in found)) throw new Error('Not a document of this schema.');
      expect(sharePlanOf(schema, found), document).toBeUndefined();
    }
  });

  it('reaches over sockets only whose device it is, while others listen to the same', async () => {
    const heard = await Promise.all(names.map(heardBy));
    expect(heard.map(namesIn)).toEqual([['ada'], ['bob'], []]);
  });
});
