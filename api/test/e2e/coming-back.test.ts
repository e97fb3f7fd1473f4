import { describe, expect, it } from 'vitest';
import { createGroup, signUp } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { openFeed } from './feed.ts';
import { closeAtEnd, serverOfAll } from './running.ts';
import { type ChatEvent, doOverHttp, followEvents, keepCursors, type Message, mutations } from './talk.ts';

const server = serverOfAll();
const manyAttempts = 1_000;
let worlds = 0;

/** Ann in a group of her own, and a stock client behind a network that can be cut. */
async function world() {
  const { httpUrl, port } = server();
  worlds += 1;
  const ann = await signUp(httpUrl, `ann.${worlds}`);
  const channelId = await createGroup(httpUrl, ann, { name: 'Alone', members: [] });
  const proxy = closeAtEnd(await openTcpProxy({ targetPort: port }));
  const client = openStockClient({
    socketUrl: `ws://127.0.0.1:${proxy.port}/graphql`,
    token: () => ann.session.accessToken,
    retryAttempts: manyAttempts,
  });
  closeAtEnd({ close: () => closeClient(client) });
  const send = (text: string) =>
    doOverHttp(httpUrl, ann, mutations.sendMessage({ channelId, text, nonce: text }));
  const cut = () => {
    for (const link of proxy.links()) link.cut();
  };
  return { httpUrl, ann, channelId, client, send, cut };
}

const textsIn = (events: readonly ChatEvent[]) => events.flatMap(({ message }) => message?.text ?? []);

describe('the stock client, which subscribes again with its first variables', () => {
  it('gets each event once when these read what it keeps', async () => {
    const { client, send, cut } = await world();
    const kept = keepCursors();
    const feed = followEvents(client, kept.variables);
    const taken = async (isIt: (event: ChatEvent) => boolean) => {
      const event = await feed.find(isIt);
      kept.take(event);
    };
    await taken(({ __typename }) => __typename === 'CaughtUp');
    for (const text of ['one', 'two', 'three']) {
      await send(text);
      await taken(({ message }) => message?.text === text);
      cut();
      await send(`${text}, while it comes back`);
      await taken(({ message }) => message?.text === `${text}, while it comes back`);
    }
    const texts = ['one', 'two', 'three'].flatMap((text) => [text, `${text}, while it comes back`]);
    expect(textsIn(feed.items)).toEqual(texts);
  });

  it('gets repeats, all with an `eventId` it has, when these stand still', async () => {
    const { client, send, cut } = await world();
    const fresh = followEvents(client);
    const { cursor } = await fresh.find(({ __typename }) => __typename === 'CaughtUp');
    const feed = followEvents(client, { after: [cursor] });
    await send('one');
    await feed.find(({ message }) => message?.text === 'one');
    cut();
    await send('two');
    await feed.find(({ message }) => message?.text === 'two');
    expect(textsIn(feed.items)).toEqual(['one', 'one', 'two']);
    const ids = feed.items.flatMap(({ message, eventId }) => (message ? [eventId] : []));
    expect(new Set(ids).size).toBe(2);
  });

  it('misses nothing with `messageAdded(afterNumber:)`: numbers are dense, and a repeat is recognised by its own', async () => {
    const { client, channelId, send, cut } = await world();
    for (const text of ['one', 'two', 'three']) await send(text);
    const query = `subscription ($channelId: ID!, $afterNumber: Position) {
      messageAdded(channelId: $channelId, afterNumber: $afterNumber) { id number revision text nonce }
    }`;
    const feed = openFeed<{ messageAdded: Message }, Message>(
      client,
      { query, variables: { channelId, afterNumber: 1 } },
      (data) => data.messageAdded,
    );
    await feed.find(({ number }) => number === 3);
    cut();
    await send('four');
    await feed.find(({ number }) => number === 4);
    await send('five');
    await feed.find(({ number }) => number === 5);
    expect(feed.items.map(({ number }) => number)).toEqual([2, 3, 2, 3, 4, 5]);
    expect(new Map(feed.items.map(({ number, text }) => [number, text]))).toEqual(
      new Map([
        [2, 'two'],
        [3, 'three'],
        [4, 'four'],
        [5, 'five'],
      ]),
    );
  });

  it('is told that `messageAdded` is over when its person leaves', async () => {
    const { httpUrl, ann, client } = await world();
    const bob = await signUp(httpUrl, 'bob');
    const channelId = await createGroup(httpUrl, bob, { name: 'Two', members: [ann] });
    const query =
      'subscription ($channelId: ID!) { messageAdded(channelId: $channelId, afterNumber: 0) { number } }';
    const feed = openFeed<{ messageAdded: { number: number } }, number>(
      client,
      { query, variables: { channelId } },
      (data) => data.messageAdded.number,
    );
    await doOverHttp(httpUrl, bob, mutations.sendMessage({ channelId, text: 'hello', nonce: 'n1' }));
    await feed.find((number) => number === 1);
    await doOverHttp(httpUrl, bob, mutations.removeMember({ channelId, userId: ann.userId }));
    expect(await feed.ended).toBeUndefined();
    await doOverHttp(httpUrl, bob, mutations.sendMessage({ channelId, text: 'bye', nonce: 'n2' }));
    expect(feed.items).toEqual([1]);
  });
});
