import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { people, type Talker } from './talker.ts';

let world: World;
let ada: Talker;
let id: string;
beforeAll(async () => {
  world = await openWorld();
  ({ ada } = await people(world, 'ada'));
  id = (await ada.createGroup([])).channel.id;
});
afterAll(() => world.close());

const message = 'id number revision text nonce createdAt editedAt deletedAt author { id displayName colour }';
const codeOf = async (document: string, variables = {}) => {
  const { errors } = await ada.execute(document, { id, ids: [id], ...variables });
  return errors?.[0]?.extensions.code;
};

it.for([
  [
    '{ viewer { channels(first: 100) { edges { node { name memberCount lastMessage { text author { displayName } } } } } } }',
  ],
  [`query ($id: ID!) { channel(id: $id) { messages(last: 100) { edges { cursor node { ${message} } } } } }`],
  [
    'query ($id: ID!) { channel(id: $id) { members(first: 100) { edges { node { role user { displayName } } } } } }',
  ],
  [
    `{ viewer { channels(first: 20) { edges { node { messages(last: 50) { edges { node { ${message} } } } } } } } }`,
  ],
] as const)('lets people ask %s', async ([document]) => {
  expect(await codeOf(document)).toBeUndefined();
});

it.for([
  [
    '{ viewer { channels(first: 100) { edges { node { messages(first: 100) { edges { node { author { handle } } } } } } } } }',
  ],
  [
    '{ viewer { channels(first: 50) { edges { node { messages { edges { node { channel { members { edges { node { id } } } } } } } } } } } }',
  ],
  [
    'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Channel { messages(first: 100) { edges { node { author { handle } } } } } } }',
  ],
] as const)('refuses what would read hundreds of thousands of things: %s', async ([document]) => {
  const ids = Array.from({ length: 100 }, () => id);
  expect(await codeOf(document, { ids })).toBe('QUERY_TOO_COMPLEX');
});
