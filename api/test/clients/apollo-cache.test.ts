import { ApolloClient, gql, HttpLink, InMemoryCache, setLogVerbosity } from '@apollo/client';
import { describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { createGroup, signUp } from '../client/people.ts';
import { serverOfAll } from '../e2e/running.ts';
import { doOverHttp, mutations } from '../e2e/talk.ts';
import { openApolloChat } from './apollo.ts';
import { openCache } from './apollo-cache.ts';
import { openClientWorld } from './client-world.ts';
import { documents } from './documents.ts';
import { placesOf, twoScreensOf, type WayTo } from './two-screens.ts';

/** What two screens of an app like to show different parts of. */
const places = placesOf(schema, ['viewerState', 'viewerCan', 'settings', 'presence']);

/** How to get at an object of each type that has such a field. */
const ways: { readonly [type: string]: WayTo } = {
  Channel: (fields) => `query ($id: ID!) { channel(id: $id) { id ${fields} } }`,
  Message: (fields) => `query ($id: ID!) { channel(id: $id) { id lastMessage { id ${fields} } } }`,
  User: (fields) => `query { viewer { id user { id ${fields} } } }`,
  Viewer: (fields) => `query { viewer { id ${fields} } }`,
  Query: (fields) => `query { ${fields} }`,
};
const wayTo = (type: string): WayTo => {
  const way = ways[type];
  if (way === undefined) throw new Error(`Say here how a client gets at a ${type}.`);
  return way;
};

const server = serverOfAll();
let worlds = 0;

/** Somebody with a channel and messages, and an app that reads them over the server into this cache. */
async function world(cache: InMemoryCache) {
  const { httpUrl } = server();
  worlds += 1;
  const ann = await signUp(httpUrl, `zoe.${worlds}`);
  const id = await createGroup(httpUrl, ann, { name: 'Alone', members: [] });
  for (const text of ['one', 'two', 'three'])
    await doOverHttp(httpUrl, ann, mutations.sendMessage({ channelId: id, text, nonce: text }));
  const headers = { authorization: `Bearer ${ann.session.accessToken}` };
  const client = new ApolloClient({ cache, link: new HttpLink({ uri: httpUrl, headers }) });
  return {
    /** What a screen gets when it is opened. */
    open: async (query: string, variables: object = {}) => {
      const options = {
        query: gql(query),
        variables: { id, ...variables },
        fetchPolicy: 'network-only',
      } as const;
      return (await client.query(options)).data;
    },
    /** What is left of it in the cache; null when a part is missing. */
    again: (query: string, variables: object = {}) =>
      cache.readQuery<unknown>({ query: gql(query), variables: { id, ...variables } }),
  };
}

describe('a normalised cache with the lines of docs/clients.md', () => {
  it('is asked about every such place of the schema', () => {
    const at = places.map((place) => place.at);
    expect(at).toEqual(
      expect.arrayContaining(['Channel.viewerState', 'Channel.viewerCan', 'Message.viewerCan']),
    );
  });

  it.each([...places, { type: 'Query', field: 'server', at: 'Query.server' }])(
    'keeps what both screens show that select different parts of $at',
    async (place) => {
      const { open, again } = await world(openCache());
      const { first, second } = twoScreensOf(schema, place, wayTo(place.type));
      const shown = [await open(first), await open(second)];
      expect(JSON.stringify(shown[0])).not.toBe(JSON.stringify(shown[1]));
      expect([again(first), again(second)]).toEqual(shown);
    },
  );

  it('needs them: without, the second screen takes verdicts away from the first', async () => {
    setLogVerbosity('silent'); // it complains, and rightly
    const { open, again } = await world(new InMemoryCache());
    const place = { type: 'Channel', field: 'viewerCan' };
    const { first, second } = twoScreensOf(schema, place, wayTo(place.type));
    await open(first);
    expect(again(first)).not.toBeNull();
    await open(second);
    expect(again(first)).toBeNull();
    setLogVerbosity('debug');
  });

  it('makes one list of the pages of a connection', async () => {
    const { open, again } = await world(openCache());
    const page = `query ($id: ID!, $before: String) { channel(id: $id) { id
      messages(last: 2, before: $before) { edges { cursor node { id text } } pageInfo { startCursor hasPreviousPage } } } }`;
    await open(page);
    const startOf = (data: unknown) => /"startCursor":"([^"]+)"/.exec(JSON.stringify(data))?.[1];
    await open(page, { before: startOf(again(page)) });
    expect(
      JSON.stringify(again(page))
        .match(/"text":"\w+"/g)
        ?.join(),
    ).toBe('"text":"one","text":"two","text":"three"');
  });

  it('shows what the stream brings wherever the message stands', async ({ onTestFinished }) => {
    const { bob, chat, httpUrl, sendAsBob } = await openClientWorld(onTestFinished, server(), openApolloChat);
    const { id } = await sendAsBob('first thought');
    const { client } = await chat();
    const shown = () => JSON.stringify(client.readQuery({ query: gql(documents.channels) }));
    expect(shown()).toContain('first thought');
    await doOverHttp(httpUrl, bob, mutations.editMessage({ messageId: id, text: 'second thought' }));
    await expect.poll(shown).toContain('second thought');
  });
});
