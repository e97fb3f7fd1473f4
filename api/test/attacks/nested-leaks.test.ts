import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId } from '../../../schema/ids.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { contactsOf } from '../product/contacting.ts';
import { mutations } from '../product/documents.ts';
import { type Event, people, type Talker, until } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';
import type { Arguments } from './matrix/cells.ts';
import { createRandomDocuments } from './random-documents.ts';

// One thing inside another, inside another: what one may not see is judged at each step, by whatever way one comes to it.

let world: World;
let cast: Awaited<ReturnType<typeof play>>;
beforeAll(async () => {
  // They search in every other document.
  world = await openWorld({ log: 'postgres', rateLimits: { searchesPerMinute: 100_000 } });
  cast = await play();
});
afterAll(() => world.close());

/** Everything that somebody must not see says so. */
async function play() {
  const { ada, bob, eve, lou, zoe } = await people(world, 'ada', 'bob', 'eve', 'lou', 'zoe');
  const { channel } = await ada.createGroup([bob.userId, eve.userId], { name: 'NAME-1', topic: 'TOPIC-1' });
  const { id } = channel;
  const answerTo = async (replyToId: string, text: string, nonce: string) => {
    const input = { channelId: id, text, nonce, replyToId };
    return (await ada.query<{ result: { message: { id: string } } }>(mutations.sendMessage, { input })).result
      .message.id;
  };
  const early = (await bob.send(id, 'EARLY', 'bob')).message.id;
  const ofEve = (await eve.send(id, 'BY-EVE', 'eve')).message.id;
  const cursor = await eve.syncCursor();
  await eve.leave(id);
  await contactsOf(ada).request(bob.userId);
  await contactsOf(bob).accept(ada.userId);
  await contactsOf(eve).request(ada.userId);
  await contactsOf(bob).block(eve.userId);
  const away = (await bob.send(id, 'LATER')).message.id;
  await ada.add(id, lou.userId);
  await contactsOf(bob).block(lou.userId);
  const louCursor = await lou.syncCursor();
  const answer = await answerTo(early, 'ANSWER-1', 'a1');
  const second = await answerTo(answer, 'ANSWER-2', 'a2');
  await ada.updateGroup(id, { name: 'NAME-2', topic: 'TOPIC-2' });
  await ada.send(id, 'NEWEST');
  const direct = (await ada.openDirect(bob.userId)).channel.id;
  await ada.send(direct, 'BETWEEN-TWO');
  const memberId = channel.viewerState.member.id;
  for (const person of [ada, bob, eve, lou, zoe]) await turnAway(person);
  const messages = { early, ofEve, away, answer, second };
  return {
    ada,
    bob,
    eve,
    lou,
    zoe,
    id,
    direct,
    memberId,
    cursors: { eve: cursor, lou: louCursor },
    messages,
  };
}

/** Is connected from now on, and was there until now. */
async function turnAway({ userId, query }: Talker): Promise<void> {
  const { viewer } = await query<{ viewer: { devices: [{ id: string }] } }>('{ viewer { devices { id } } }');
  const device = { userId, deviceId: incomingId(viewer.devices[0].id) };
  world.product.presence.connect(device);
  await world.product.presence.setIdle(device, true);
}

const all = [
  'EARLY',
  'BY-EVE',
  'LATER',
  'ANSWER-1',
  'ANSWER-2',
  'NAME-2',
  'TOPIC-2',
  'NEWEST',
  'BETWEEN-TWO',
];
/** Who is who, and what each of them must never read. Of the time when they were there they may keep what they have, and no more. */
const audience = {
  /** Has left. Her own message she can have again by sending it again. */
  eve: all.filter((word) => word !== 'BY-EVE'),
  /** Came when two messages had been said. */
  lou: ['EARLY', 'BY-EVE', 'LATER', 'BETWEEN-TWO'],
  /** Never was there. */
  zoe: all,
} as const;

function argumentsFor(talker: Talker, random: () => number, after: string): Arguments {
  const { id, direct, memberId, messages } = cast;
  const anyOf = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const message = () => anyOf(Object.values(messages));
  const something = () =>
    anyOf([id, direct, memberId, message(), `viw${cast.ada.userId.slice(3)}`, cast.ada.userId]);
  const place = () =>
    anyOf<object>([
      { number: 1 },
      { number: 4 },
      { messageId: message() },
      { date: '2020-01-01T00:00:00.000Z' },
    ]);
  const known: Readonly<Record<string, () => ReturnType<Arguments>>> = {
    'Query.channel': () => ({ id: anyOf([id, direct]) }),
    'Query.message': () => ({ id: message() }),
    'Query.node': () => ({ id: something() }),
    'Query.nodes': () => ({ ids: [something(), something(), something()] }),
    'Query.user': () => ({ handle: anyOf([cast.ada.handle, talker.handle]) }),
    'Query.searchUsers': () => ({ text: cast.ada.handle, first: 3 }),
    'Query.simulateNotification': () => ({ input: { channelId: anyOf([id, direct]) } }),
    'Query.changes': () => ({ after: [after], first: 20 }),
    'Channel.messagesAround': () => ({ place: place(), countBefore: 5, countAfter: 5 }),
    'Channel.messages': () => anyOf([{ first: 6 }, { last: 6 }]) ?? {},
    'Channel.members': () => ({ first: 5 }),
    'Viewer.channels': () => ({ first: 3 }),
    'Viewer.contactRequests': () => ({ direction: anyOf(['INCOMING', 'OUTGOING']), first: 3 }),
    'Viewer.contacts': () => ({ first: 3 }),
    'Viewer.blockedUsers': () => ({ first: 3 }),
  };
  return (coordinate) => known[coordinate]?.() ?? {};
}

/** What two people have towards each other, by who looks at whom; nothing where nothing stands here. */
const between: Readonly<Record<string, string>> = {
  'ada bob': 'CONTACT',
  'bob ada': 'CONTACT',
  'eve ada': 'REQUESTED_BY_ME',
  'ada eve': 'REQUESTED_BY_THEM',
  'bob eve': 'BLOCKED_BY_ME',
  'bob lou': 'BLOCKED_BY_ME',
};
/** All of them are connected and have turned away. How others see that, by who looks at whom; not at all where nothing stands here. */
const shown: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['ada', 'bob', 'eve', 'lou', 'zoe'].map((name) => [`${name} ${name}`, 'IDLE, with a time']),
  ),
  'ada bob': 'IDLE, with a time',
  'bob ada': 'IDLE, with a time',
  'ada lou': 'IDLE, with a time',
  'lou ada': 'IDLE, with a time',
  // They are in a channel together, and the one has blocked the other.
  'lou bob': 'OFFLINE',
};
const names = ['ada', 'bob', 'eve', 'lou', 'zoe'] as const;
type Name = (typeof names)[number];

type Person = {
  readonly id?: unknown;
  readonly viewerContact?: unknown;
  readonly presence?: { readonly state: string; readonly lastSeenAt: string | null } | null;
};
type Said = 'contact' | 'presence';

/** Every person in an answer, with what it says of them, such as `bob contact CONTACT`. */
function peopleIn(tree: unknown): string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const { id, viewerContact, presence } = tree as Person;
  const name = names.find((one) => cast[one].userId === id);
  const below = Object.values(tree).flatMap(peopleIn);
  if (name === undefined) return below;
  const state = presence ? `${presence.state}${presence.lastSeenAt ? ', with a time' : ''}` : 'nothing';
  if (viewerContact !== undefined) below.push(`${name} contact ${viewerContact}`);
  if (presence !== undefined) below.push(`${name} presence ${state}`);
  return below;
}

/** What an answer says of a person that it must not say to this one. */
function isWrong(name: Name, person: string): boolean {
  const [, other = '', said, what] = /^(\w+) (\w+) (.*)$/.exec(person) ?? [];
  const pair = `${name} ${other}`;
  const expected: Readonly<Record<Said, string>> = {
    contact: between[pair] ?? 'NONE',
    presence: shown[pair] ?? 'nothing',
  };
  return what !== expected[said as Said];
}

/** What this person reads by so many documents that go anywhere: the words of others' that were in the answers. */
async function wordsRead(talker: Talker, { seed, after }: { readonly seed: number; readonly after: string }) {
  const random = createRandom(seed);
  const documents = createRandomDocuments(random, argumentsFor(talker, random, after));
  const read = new Map<string, string>();
  const people = new Set<string>();
  for (const _ of upTo(400)) {
    const document = documents.query();
    const { data, errors = [] } = await talker.execute(document);
    for (const { extensions, message } of errors)
      if (extensions?.code === undefined) throw new Error(`Nobody foresaw ${message} in ${document}`);
    const text = JSON.stringify(data);
    for (const word of all) if (text.includes(word)) read.set(word, document);
    for (const person of peopleIn(data)) people.add(person);
  }
  return { read, people };
}

describe('A6: documents that go anywhere', () => {
  const seed = Date.now() % 1_000_000;
  const cursorOf = async (talker: Talker) =>
    talker === cast.eve ? cast.cursors.eve : talker === cast.lou ? cast.cursors.lou : talker.syncCursor();

  it('show everything to somebody who was always there', async () => {
    process.stdout.write(`Seed of the documents: ${seed}.\n`);
    const { read } = await wordsRead(cast.ada, { seed, after: await cast.ada.syncCursor() });
    expect([...read.keys()].sort(), `Seed ${seed}`).toEqual([...all].sort());
  });

  it.for(['eve', 'lou', 'zoe'] as const)('never show %s what is not hers', async (name) => {
    const { read } = await wordsRead(cast[name], { seed, after: await cursorOf(cast[name]) });
    const leaks = audience[name].flatMap((word) => (read.has(word) ? [`${word} by ${read.get(word)}`] : []));
    expect(leaks, `Seed ${seed}`).toEqual([]);
  });

  it.for(names)(
    'show %s what is between her and others, by whatever way, and nothing else',
    async (name: Name) => {
      const { people } = await wordsRead(cast[name], { seed, after: await cursorOf(cast[name]) });
      expect(
        [...people].filter((person) => isWrong(name, person)),
        `Seed ${seed}`,
      ).toEqual([]);
      expect(people.size).toBeGreaterThan(1);
      expect([...people].join()).toContain(' presence ');
    },
  );

  it('never show one who has left more than what she sent, when she sends it again', async () => {
    const random = createRandom(seed);
    const documents = createRandomDocuments(random, argumentsFor(cast.eve, random, cast.cursors.eve));
    for (const _ of upTo(200)) {
      const document = `mutation { sendMessage(input: { channelId: "${cast.id}", text: "x", nonce: "eve" }) {
        ... on SendMessagePayload { message { text ${documents.below('Message')} } } } }`;
      const answer = await cast.eve.execute(document);
      const text = JSON.stringify(answer);
      // A place around a message that she may not see is none, and then there is no answer at all.
      if (answer.errors) expect(answer.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      else expect(text).toContain('BY-EVE');
      for (const word of audience.eve) expect(text, document).not.toContain(word);
      expect(text, document).not.toContain(cast.bob.handle);
    }
  });
});

const replied = 'number text replyToNumber replyTo { id text replyTo { text } }';

describe('A6: the message that another one answers', () => {
  it('is kept from who came later, and that there is one is told', async () => {
    const { lou, messages } = cast;
    const query = `query ($id: ID!) { message(id: $id) { ${replied} } }`;
    expect(await lou.query(query, { id: messages.answer })).toMatchObject({
      message: { text: 'ANSWER-1', replyToNumber: 1, replyTo: null },
    });
    expect(await lou.query(query, { id: messages.second })).toMatchObject({
      message: { replyTo: { text: 'ANSWER-1', replyTo: null } },
    });
  });

  it('is kept from them in live events, too, however many others see it', async () => {
    const { ada, bob, lou, id, messages } = cast;
    const document = `subscription { event: events { __typename ... on MessageSent { message { ${replied} } } } }`;
    const streams = [await bob.subscribe(document), await lou.subscribe(document)];
    const input = { channelId: id, text: 'ANSWER-3', nonce: 'a3', replyToId: messages.early };
    await ada.query(mutations.sendMessage, { input });
    const shown = await Promise.all(
      streams.map(async (stream) => {
        for await (const { data } of stream) {
          const { event } = data as { event: { __typename: string; message: { replyTo: unknown } } };
          if (event.__typename === 'MessageSent') return event.message.replyTo;
        }
        return 'It ended.';
      }),
    );
    expect(shown).toEqual([expect.objectContaining({ text: 'EARLY' }), null]);
  });

  it('cannot be one that the sender may not see, nor one of another channel', async () => {
    const { lou, ada, id, direct, messages } = cast;
    const reply = (talker: Talker, channelId: string, replyToId: string) =>
      talker.query(mutations.sendMessage, {
        input: { channelId, text: 'x', nonce: `${channelId}${replyToId}`, replyToId },
      });
    const refused = { result: { __typename: 'Denied', code: 'NOT_FOUND' } };
    expect(await reply(lou, id, messages.early)).toMatchObject(refused);
    expect(await reply(lou, id, messages.away)).toMatchObject(refused);
    expect(await reply(ada, direct, messages.early)).toMatchObject(refused);
    expect(await reply(lou, id, 'msg7vvvvv.00000000001')).toMatchObject(refused);
  });
});

describe('A6: places in history', () => {
  const around = `query ($id: ID!, $place: MessagePlace!) {
    channel(id: $id) { messagesAround(place: $place) { edges { node { text } } pageInfo { hasPreviousPage } } }
  }`;
  it('that one may not see are no places', async () => {
    const { lou, id, messages } = cast;
    for (const messageId of [messages.early, messages.away, 'msg7vvvvv.00000000001']) {
      const { errors } = await lou.execute(around, { id, place: { messageId } });
      expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    }
  });

  it.for([{ number: 0 }, { number: 1 }, { number: 3 }, { date: '2001-01-01T00:00:00.000Z' }])(
    'before one came lead to the first that one may see: %j',
    async (place) => {
      const { lou, id } = cast;
      const answer = await lou.query<{
        channel: { messagesAround: { edges: { node: { text: string } }[] } };
      }>(around, { id, place });
      const { edges } = answer.channel.messagesAround;
      expect(edges[0]?.node.text).toBe('ANSWER-1');
      expect(answer).toMatchObject({ channel: { messagesAround: { pageInfo: { hasPreviousPage: false } } } });
    },
  );
});

describe('A6: the other person of a direct channel', () => {
  it('is nobody’s business but theirs', async () => {
    const { ada, bob, lou, zoe, direct } = cast;
    const query =
      'query ($id: ID!) { channel(id: $id) { directPeer { id } } node(id: $id) { id ... on Channel { directPeer { id } } } }';
    for (const talker of [lou, zoe])
      expect(await talker.query(query, { id: direct })).toEqual({ channel: null, node: null });
    expect(await ada.query(query, { id: direct })).toMatchObject({
      channel: { directPeer: { id: bob.userId } },
    });
  });
});

describe('A6: events', () => {
  it('of messages that one may not see tell that something happened, and nothing of it', async () => {
    const { ada, bob, lou, messages } = cast;
    const live = await lou.events([await lou.syncCursor()]);
    await bob.edit(messages.early, 'EARLY and edited');
    await ada.erase(messages.away);
    const events = await until(live, ({ __typename }: Event) => __typename === 'MessageDeleted');
    await live.return?.();
    expect(JSON.stringify(events)).not.toMatch(/EARLY|LATER/);
    expect(events.filter(({ messageId }) => messageId).map(({ message }) => message)).toEqual([null, null]);
  });
});

const there = 'presence { state lastSeenAt }';
/** Every way to a person, around what is asked of them. */
const waysTo = (who: Talker) => {
  const cells = `id ${there}`;
  const listed = `edges { node { ${cells} } }`;
  return `{ user(handle: "${who.handle}") { ${cells} } node(id: "${who.userId}") { ... on User { ${cells} } }
    searchUsers(text: "${who.handle}") { ${listed} }
    channel(id: "${cast.id}") { members { edges { node { user { ${cells} } } } }
      messages { edges { node { author { ${cells} } replyTo { author { ${cells} } } } } } }
    viewer { contacts { ${listed} } blockedUsers { ${listed} } user { ${cells} }
      incoming: contactRequests(direction: INCOMING) { ${listed} }
      outgoing: contactRequests(direction: OUTGOING) { ${listed} }
      channels { edges { node { directPeer { ${cells} } viewerState { member { user { ${cells} } } } } } } } }`;
};

describe('A6: whether somebody is there', () => {
  it.for([
    ['ada', 'bob', 'IDLE, with a time', 'a contact in the same channel'],
    ['ada', 'eve', 'nothing', 'somebody who has asked for contact, and has left the channel'],
    ['bob', 'lou', 'nothing', 'somebody whom one has blocked'],
    ['lou', 'bob', 'OFFLINE', 'somebody who has blocked one'],
    ['eve', 'bob', 'nothing', 'somebody who has blocked one, and whose channel one has left'],
    ['eve', 'ada', 'nothing', 'somebody whom one has asked for contact'],
    ['zoe', 'ada', 'nothing', 'a stranger'],
  ] as const)('%s sees of %s by every way: %s, as of %s', async ([viewer, other, expected]) => {
    const answer = await cast[viewer].query(waysTo(cast[other]));
    const seen = peopleIn(answer).filter((said) => said.startsWith(`${other} presence`));
    expect(new Set(seen)).toEqual(new Set([`${other} presence ${expected}`]));
    expect(seen.length).toBeGreaterThanOrEqual(2);
  });
});
