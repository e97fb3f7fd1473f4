import { randomUUID } from 'node:crypto';
import type { Client } from 'graphql-ws';
import type { SignedIn } from '../client/people.ts';
import { askOverSocket, closeClient, openStockClient } from '../client/stock-client.ts';
import { within } from './within.ts';

/** A client that does nothing wrong, and must notice nothing of what goes on beside it. */
export type Control = {
  /** How many messages it has sent, and seen arrive. */
  readonly rounds: () => number;
  /** What it noticed: that its socket was closed, or that something did not arrive. */
  readonly troubles: readonly string[];
  /** One round more, which tells that it still works; then it is gone. */
  close(): Promise<void>;
};

type Options = {
  readonly socketUrl: string;
  readonly person: SignedIn;
  readonly channelId: string;
};

/** Both computers may be busy. */
const arrivalMs = 30_000;
const betweenMs = 250;
const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on SendMessagePayload { message { id } } ... on UserError { code explanation } } }`;
const events = 'subscription { events { __typename ... on MessageSent { messageId } } }';

type Sent = { sendMessage: { message?: { id: string } } };
type Events = { events: { __typename: string; messageId?: string } };

export async function openControl({ socketUrl, person, channelId }: Options): Promise<Control> {
  const troubles: string[] = [];
  const arrivals = new Map<string, () => void>();
  const arrived = new Set<string>();
  const closing = new AbortController();
  let onLost: (problem: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    onLost = reject;
  });
  lost.catch(() => undefined); // whoever waits for something hears of it
  const client = openStockClient({
    socketUrl,
    token: () => person.session.accessToken,
    onClosed: ({ code, reason }) => {
      if (!closing.signal.aborted) onLost(new Error(`The socket was closed with ${code} ${reason}.`));
    },
  });
  await within(
    arrivalMs,
    listen(client, (id) => {
      arrived.add(id);
      arrivals.get(id)?.();
    }),
    'The control client got no stream.',
  );

  async function round(): Promise<void> {
    const input = { channelId, text: 'Is everything all right?', nonce: randomUUID() };
    const { data, errors } = await askOverSocket<Sent>(client, { query: send, variables: { input } });
    const id = data?.sendMessage.message?.id;
    if (id === undefined) throw new Error(`Nothing was sent: ${JSON.stringify(errors ?? data)}`);
    if (!arrived.has(id)) await new Promise<void>((resolve) => arrivals.set(id, resolve));
    arrivals.delete(id);
    arrived.clear();
  }
  let rounds = 0;
  const checked = async () => {
    try {
      await within(arrivalMs, Promise.race([round(), lost]), 'A message did not arrive.');
      rounds += 1;
    } catch (problem) {
      troubles.push(problem instanceof Error ? problem.message : JSON.stringify(problem));
    }
  };
  let isLast = false;
  const running = (async () => {
    while (!isLast && troubles.length === 0) {
      await checked();
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  })();
  return {
    rounds: () => rounds,
    troubles,
    async close() {
      isLast = true;
      await running;
      if (troubles.length === 0) await checked();
      closing.abort();
      await closeClient(client);
    },
  };
}

/** Resolves when the stream has begun. */
function listen(client: Client, onMessage: (id: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.subscribe<Events>(
      { query: events },
      {
        next({ data }) {
          if (data?.events.__typename === 'CaughtUp') resolve();
          if (data?.events.messageId !== undefined) onMessage(data.events.messageId);
        },
        error: reject,
        complete: () => reject(new Error('The stream is over.')),
      },
    );
  });
}
