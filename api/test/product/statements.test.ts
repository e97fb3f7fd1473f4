import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeCursor } from '../../../schema/page.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { reply } from './replying.ts';
import { type List, many, statementsOf } from './statements-of.ts';
import { type Talker, talkerOf } from './talker.ts';

let world: World;
let ada: Talker;
let id: string;
/** A group of 100 members, with 50 messages of as many authors, and 50 replies to those. */
beforeAll(async () => {
  // Time stands still: nothing that is done now and then sends statements of its own.
  world = await openWorld({ log: 'postgres', clock: createManualClock(Date.UTC(2030, 0, 1)) });
  const people = await Promise.all(upTo(99).map(async () => talkerOf(await world.signUp())));
  ada = talkerOf(await world.signUp());
  id = (await ada.createGroup(people.map(({ userId }) => userId))).channel.id;
  for (const talker of people.slice(0, 50)) await talker.send(id, 'hello');
  // Each of the next fifty answers one of those, so a page of them leads to a hundred people.
  const { edges } = await ada.history(id, { last: 50 });
  for (const [index, { node }] of edges.entries())
    await reply(people[98 - index] ?? ada, id, { replyToId: node.id });
}, 120_000);
afterAll(() => world.close());

describe('the number of statements does not grow with what is asked for', () => {
  it('for 50 people, when it is asked what each and the viewer have towards each other, and may do', async () => {
    const verdict = '{ isAllowed code explanation until }';
    const related = `viewerContact viewerCan { id openDirectChannel ${verdict} requestContact ${verdict} addToGroup ${verdict} }`;
    const ids = (await ada.members(id, { first: 50 })).edges.map(({ node }) => node.user.id);
    const documents = {
      'by id': (more: string) =>
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { id handle ${more} } } }`,
      'by channel': (more: string) =>
        `query ($id: ID!) { channel(id: $id) { members(first: 50) { edges { node { user { id ${more} } } } } } }`,
      'by search': (more: string) =>
        `{ searchUsers(text: "person", first: 50) { edges { node { id ${more} } } } }`,
      'by handle': (more: string) => `{ user(handle: "${ada.handle}") { id ${more} } }`,
      'by message': (more: string) =>
        `query ($id: ID!) { channel(id: $id) { messages(first: 50) { edges { node { author { id ${more} } } } } } }`,
    };
    for (const [way, document] of Object.entries(documents)) {
      const variables = way === 'by id' ? { ids } : { id };
      const without = await statementsOf(ada, document(''), variables);
      const withAll = await statementsOf(ada, document(related), variables);
      expect(JSON.stringify(withAll.data).split('viewerContact').length, way).toBe(
        way === 'by handle' ? 2 : 51,
      );
      expect(withAll.statements.length, `${way}: ${many(withAll.statements)}`).toBe(
        without.statements.length,
      );
    }
  });

  it('for pages of 50 contacts, requests and blocked people: one each, and one more behind a cursor', async () => {
    const edges = 'edges { cursor node { id handle viewerContact viewerCan { id addToGroup { code } } } }';
    const lists = [
      `contacts(first: 50) { ${edges} }`,
      `contactRequests(direction: INCOMING, first: 50) { ${edges} }`,
      `blockedUsers(first: 50) { ${edges} }`,
    ];
    for (const list of lists) {
      const { statements } = await statementsOf(ada, `{ viewer { ${list} } }`);
      expect(statements.length, many(statements)).toBe(1);
    }
    const behind = lists[0]?.replace('first: 50', `first: 50, after: "${edgeCursor('cadam')}"`);
    const { statements } = await statementsOf(ada, `{ viewer { ${behind} settings { isInvisible } } }`);
    expect(statements.length, many(statements)).toBe(3);
  });

  it('for a page of 50 messages of as many authors, with what each answers and who said that: three in all', async () => {
    const person = 'id handle displayName colour';
    const fields = `id number text author { ${person} } channel { id name }
      replyToNumber replyTo { id text author { ${person} } } viewerCan { id edit { isAllowed } reply { isAllowed } }`;
    type Reply = { replyTo: { author: { id: string } } | null };
    for (const page of [
      'messages(last: 50)',
      'messages(first: 50)',
      'messagesAround(place: { number: 75 })',
    ]) {
      const { data, statements } = await statementsOf<{ channel: { page: List<Reply> } }>(
        ada,
        `query ($id: ID!) { channel(id: $id) { name page: ${page} { edges { node { ${fields} } } } } }`,
        { id },
      );
      const nodes = data.channel.page.edges.map(({ node }) => node);
      expect(nodes.length).toBeGreaterThanOrEqual(50);
      // Around a place, a page is read in two halves.
      const most = page.startsWith('messagesAround') ? 4 : 3;
      expect(statements.length, many(statements)).toBeLessThanOrEqual(most);
      if (page === 'messages(last: 50)') expect(nodes.every(({ replyTo }) => replyTo?.author.id)).toBe(true);
    }
  });
});
