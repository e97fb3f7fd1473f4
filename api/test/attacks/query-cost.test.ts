import { GraphQLInt, type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { Answer } from '../../../schema/test/world.ts';
import { people, type Talker } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// What a document costs with its variables, judged when it runs: before anything is read for it.

let world: World;
let ada: Talker;
let id: string;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
  ({ ada } = await people(world, 'ada'));
  id = (await ada.createGroup([])).channel.id;
});
afterAll(() => world.close());

/** The statements that reach the database for a document, and what it answered. */
async function run(document: string, variables = {}) {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    const answer: Answer<unknown> = await ada.execute(document, { id, ...variables });
    return {
      statements: spy.mock.calls.length,
      codes: codesOf(answer),
    };
  } finally {
    spy.mockRestore();
  }
}
/** Each code once: every root field says the same of the operation. */
const codesOf = ({ errors }: Answer<unknown>) =>
  errors && [...new Set(errors.map(({ extensions }) => extensions.code))];
const page = (field: string, inner: string) => `${field} { edges { node { ${inner} } } }`;
const refused = { statements: 0, codes: ['QUERY_TOO_COMPLEX'] };

describe('Q5: a document that would read hundreds of thousands of things', () => {
  it.for([
    [
      'channels, their messages, their authors',
      page('channels(first: 100)', page('messages(first: 100)', 'author { handle }')),
    ],
    [
      'the same with the sizes of nobody’s choice',
      page('channels', page('messages', `${page('channel { messages', 'id')} }`)),
    ],
    [
      'channels and their members',
      page('channels(first: 100)', page('members(first: 100)', 'user { handle colour }')),
    ],
    [
      'channels and their members from the end',
      page('channels(last: 100)', page('members(last: 100)', 'user { handle colour }')),
    ],
    [
      'channels and what is around a message',
      page(
        'channels(first: 100)',
        page('messagesAround(place: { number: 1 }, countBefore: 50, countAfter: 50)', 'author { id }'),
      ),
    ],
    [
      'messages and what is around each of them',
      page(
        'channels(first: 1)',
        page(
          'messages(first: 100)',
          `channel { ${page('messagesAround(place: { number: 1 })', 'id author { id } replyTo { id }')} }`,
        ),
      ),
    ],
    [
      'messages, and answers to answers to answers',
      page(
        'channels(first: 40)',
        page('messages(first: 100)', 'replyTo { replyTo { replyTo { replyTo { replyTo { id } } } } }'),
      ),
    ],
  ] as const)('is refused before anything is read: %s', async ([, selection]) => {
    expect(await run(`{ viewer { ${selection} } }`)).toEqual(refused);
  });

  it('is refused when only its variables make it so', async () => {
    const query = `query ($n: Int!) { viewer { ${page('channels(first: $n)', page('messages(first: $n)', 'author { id }'))} } }`;
    expect((await run(query, { n: 2 })).codes).toBeUndefined();
    expect(await run(query, { n: 100 })).toEqual(refused);
  });

  it('is refused when it asks for many things by their ids', async () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Channel { ${page('messages(first: 100)', 'author { id }')} } } }`;
    expect(await run(query, { ids: upTo(100).map(() => id) })).toEqual(refused);
  });

  it('is refused when it is a subscription or a page of one', async () => {
    const event = `... on ChannelEvent { channel { ${page('members(first: 100)', 'user { id handle }')} } }`;
    const [cursor] = [await ada.syncCursor()];
    expect(
      await run(`query ($c: [Cursor!]!) { changes(after: $c) { events { ${event} } } }`, { c: [cursor] }),
    ).toEqual(refused);
    const inner = page('channels(first: 100)', page('members(first: 100)', 'user { id }'));
    await expect(
      ada.subscribe(`subscription { events { ... on ViewerChanged { viewer { ${inner} } } } }`),
    ).rejects.toMatchObject({
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    });
  });

  it('is not paid for by a part that asks for less than nothing', async () => {
    const much = page('channels(first: 100)', page('messages(first: 100)', 'author { id }'));
    for (const less of lessThanNothing())
      expect(
        await run(`query ($id: ID!) { channel(id: $id) { id } viewer { ${much} } ${less} }`),
        less,
      ).toEqual(refused);
  });
});

/** A path from the root to every field that takes a number, with the number below zero. */
function lessThanNothing(): string[] {
  const others: Record<string, string> = {
    'Query.changes': 'after: ["x"], ',
    'Query.searchUsers': 'text: "a", ',
    'Viewer.contactRequests': 'direction: INCOMING, ',
    'Channel.messagesAround': 'place: { number: 1 }, ',
  };
  const paths: [string, (inner: string) => string][] = [
    ['Query', (inner) => inner],
    ['Viewer', (inner) => `other: viewer { ${inner} }`],
    ['Channel', (inner) => `other: channel(id: $id) { ${inner} }`],
  ];
  const known = new Map(paths);
  const documents: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const { name, args, type: fieldType } of Object.values(type.getFields())) {
      for (const { name: argument } of args.filter((arg) => getNamedType(arg.type) === GraphQLInt)) {
        const around = known.get(type.name);
        if (around === undefined) throw new Error(`Say here how to come to ${type.name}.${name}.`);
        const [given = ''] = [others[`${type.name}.${name}`]];
        documents.push(
          around(`less: ${name}(${given}${argument}: -2000000000) { ${leavesOf(getNamedType(fieldType))} }`),
        );
      }
    }
  }
  return documents;
}

function leavesOf(type: unknown): string {
  if (!isObjectType(type)) return '__typename';
  const { edges, events } = (type as GraphQLObjectType).getFields();
  if (edges) return 'edges { node { id } }';
  return events ? 'events { cursor eventId at }' : '__typename';
}

describe('Q5: a page', () => {
  const inChannel = (field: string) =>
    `query ($id: ID!) { channel(id: $id) { ${field} { edges { cursor } } } }`;
  const sizes = ['first: 101', 'last: 101', 'first: 1000', 'first: -1', 'last: -1', 'first: 2, last: 2'];
  const counts = ['countBefore: 100, countAfter: 1', 'countBefore: -1', 'countAfter: 101', 'countAfter: -1'];
  it.for([
    ...sizes.flatMap((size) => [inChannel(`messages(${size})`), inChannel(`members(${size})`)]),
    ...sizes.map((size) => `{ viewer { channels(${size}) { edges { cursor } } } }`),
    ...counts.map((count) => inChannel(`messagesAround(place: { number: 1 }, ${count})`)),
    'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    'query ($cursors: [Cursor!]!) { changes(after: $cursors, first: 101) { cursor } }',
    'query ($cursors: [Cursor!]!) { changes(after: $cursors, first: 0) { cursor } }',
  ])('has at most 100 entries, and not less than none: %s', async (query) => {
    const variables = { ids: upTo(101).map(() => id), cursors: [await ada.syncCursor()] };
    expect((await run(query, variables)).codes).toEqual(['BAD_USER_INPUT']);
  });

  it('of two thousand million is refused as too much', async () => {
    for (const size of [
      'messages(first: 2147483647)',
      'messagesAround(place: { number: 1 }, countAfter: 2147483647)',
    ])
      expect(await run(inChannel(size))).toEqual(refused);
  });
});

describe('Q5: what people ask for', () => {
  it.for([
    [
      'a first screen',
      `{ viewer { ${page('channels(first: 100)', 'name memberCount lastMessage { text author { displayName } }')} } }`,
    ],
    [
      'a page of messages',
      `query ($id: ID!) { channel(id: $id) { ${page('messages(last: 100)', 'id number revision text nonce createdAt editedAt deletedAt author { id displayName colour } replyTo { id text author { displayName } }')} } }`,
    ],
    [
      'all members of a group',
      `query ($id: ID!) { channel(id: $id) { ${page('members(first: 100)', 'role user { displayName }')} } }`,
    ],
  ] as const)('is not too much: %s', async ([, document]) => {
    expect((await run(document)).codes).toBeUndefined();
  });
});
