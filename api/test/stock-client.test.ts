import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { subscriptionExchange, Client as UrqlClient } from '@urql/core';
import { type Client, createClient, MessageType } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

type Frame = {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly variables?: unknown };
};

/**
 * A server that speaks just enough of the protocol, and asks to come back (1012) after each of the first `cuts`
 * subscriptions. `seen` resolves with the variables of every subscription once the last one has come.
 */
async function openServer(cuts: number) {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => 'graphql-transport-ws',
  });
  await once(server, 'listening');
  const variables: unknown[] = [];
  const seen = new Promise<unknown[]>((resolve) => {
    const answer = (socket: WebSocket, { id, type, payload }: Frame) => {
      if (type === MessageType.ConnectionInit) socket.send('{"type":"connection_ack"}');
      if (type !== MessageType.Subscribe) return;
      variables.push(payload?.variables);
      const cursor = `cursor-${variables.length}`;
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { events: { cursor } } } }));
      if (variables.length <= cuts) socket.close(1012, 'Service restart');
      else resolve(variables);
    };
    server.on('connection', (socket) =>
      socket.on('message', (data) => answer(socket, JSON.parse(String(data)))),
    );
  });
  const { port }: AddressInfo = JSON.parse(JSON.stringify(server.address()));
  const close = () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  };
  return { url: `ws://127.0.0.1:${port}`, seen, close };
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(cuts: number): Promise<{ readonly client: Client; readonly seen: Promise<unknown[]> }> {
  const server = await openServer(cuts);
  // Coming back at once: how long a client waits is not what is asked here.
  const client = createClient({
    url: server.url,
    webSocketImpl: WebSocket,
    retryAttempts: 5,
    retryWait: () => Promise.resolve(),
  });
  closing.push(server.close, () => client.dispose());
  return { client, seen: server.seen };
}

type Events = { readonly events: { readonly cursor: string } };
const query = 'subscription Events($after: [Cursor!]) { events(after: $after) { cursor } }';

/** Variables as the README has them, and what keeps the cursors of the events. */
function keptByGetter() {
  let cursors = ['start'];
  const variables = {
    get after() {
      return cursors;
    },
  };
  const take = ({ data }: { readonly data?: Events | null }) => {
    if (data) cursors = [...cursors, data.events.cursor];
  };
  return { variables, take };
}
const ignore = { error: () => undefined, complete: () => undefined };

describe('the stock graphql-ws client after a lost socket', () => {
  it('goes on where it was, when its variables are a getter (the cure of the README)', async () => {
    const { client, seen } = await open(2);
    const { variables, take } = keptByGetter();
    client.subscribe<Events>({ query, variables }, { ...ignore, next: take });
    expect(await seen).toEqual([
      { after: ['start'] },
      { after: ['start', 'cursor-1'] },
      { after: ['start', 'cursor-1', 'cursor-2'] },
    ]);
  });

  it('asks with its first variables again, when they are a value (the trap)', async () => {
    const { client, seen } = await open(1);
    client.subscribe<Events>(
      { query, variables: { after: ['start'] } },
      { ...ignore, next: () => undefined },
    );
    expect(await seen).toEqual([{ after: ['start'] }, { after: ['start'] }]);
  });

  it('asks with its first variables again below Apollo Client, which copies them: there a getter is no cure', async () => {
    const { client, seen } = await open(1);
    const { variables, take } = keptByGetter();
    new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(client) })
      .subscribe<Events>({ query: gql(query), variables, fetchPolicy: 'no-cache' })
      .subscribe(take);
    expect(await seen).toEqual([{ after: ['start'] }, { after: ['start'] }]);
  });

  it('goes on where it was below urql, which hands the variables on as they are (an exchange of it may not)', async () => {
    const { client, seen } = await open(1);
    const { variables, take } = keptByGetter();
    const exchanges = [
      subscriptionExchange({
        forwardSubscription: ({ query: text = '', variables: given }) => ({
          subscribe: (sink) => ({ unsubscribe: client.subscribe({ query: text, variables: given }, sink) }),
        }),
      }),
    ];
    new UrqlClient({ url: 'http://127.0.0.1', preferGetMethod: false, exchanges })
      .subscription<Events>(query, variables)
      .subscribe(take);
    expect(await seen).toEqual([{ after: ['start'] }, { after: ['start', 'cursor-1'] }]);
  });
});
