import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-sse';
import { expect } from 'vitest';
import { type ChatEvent, keepCursors } from '../e2e/talk.ts';
import { openSse } from '../serving/sse-client.ts';

/** What the tests ask for, as an app would. */
export const eventsQuery = `subscription Events($after: [Cursor!]) {
  events(after: $after) {
    __typename
    eventId
    cursor
    ... on ChannelEvent { channelId }
    ... on MessageSent { message { id number revision text nonce } }
  }
}`;

/** Everything that one device got, by the client rule of the README. */
export type Followed = {
  readonly events: readonly ChatEvent[];
  /** The errors that came instead of events, by their codes. */
  readonly codes: readonly unknown[];
  /** How the last attempt ended, when it has. */
  readonly ended: () => 'completed' | 'broken' | undefined;
  close(): void;
};

type From = { readonly url: string; readonly token: () => string };
type EventsData = { readonly events: ChatEvent };

/** With the stock client `graphql-sse`, which comes back by itself and reads the variables anew each time. */
export function followWithStockClient({ url, token }: From): Followed & { readonly attempts: () => number } {
  const kept = keepCursors();
  const events: ChatEvent[] = [];
  const codes: unknown[] = [];
  let [ended, attempts]: [ReturnType<Followed['ended']>, number] = [undefined, 0];
  const client = createClient({
    url,
    headers: () => {
      attempts += 1;
      return { authorization: `Bearer ${token()}` };
    },
    retryAttempts: 1_000,
    retry: () => new Promise((resolve) => setTimeout(resolve, 20)), // so that a server that is away is not asked without a pause
  });
  client.subscribe<EventsData>(
    { query: eventsQuery, variables: kept.variables },
    {
      next(result) {
        codes.push(...codesIn(result));
        if (!result.data) return;
        events.push(result.data.events);
        kept.take(result.data.events);
      },
      error: () => {
        ended = 'broken';
      },
      complete: () => {
        ended = 'completed';
      },
    },
  );
  return { events, codes, ended: () => ended, attempts: () => attempts, close: () => client.dispose() };
}

/** With nothing but `fetch`: one attempt, from these cursors. */
export async function followWithFetch(
  { url, token }: From,
  kept: ReturnType<typeof keepCursors>,
): Promise<Followed> {
  const events: ChatEvent[] = [];
  const codes: unknown[] = [];
  let ended: ReturnType<Followed['ended']>;
  const stream = await openSse(url, { query: eventsQuery, token: token(), variables: kept.variables });

  async function readAll(): Promise<void> {
    for (;;) {
      const { event, data } = await stream.next();
      if (event === 'complete') return;
      const result = resultIn(data);
      codes.push(...codesIn(result));
      if (!result.data) continue;
      events.push(result.data.events);
      kept.take(result.data.events);
    }
  }
  void readAll().then(
    () => {
      ended = 'completed';
    },
    () => {
      ended = 'broken';
    },
  );
  return { events, codes, ended: () => ended, close: stream.leave };
}

function resultIn(data: unknown): ExecutionResult<EventsData> {
  if (typeof data !== 'object' || data === null) throw new Error(`No result: ${JSON.stringify(data)}`);
  return data;
}

const codesIn = ({ errors = [] }: Pick<ExecutionResult, 'errors'>) =>
  errors.map(({ extensions }) => extensions?.code);

const textsIn = ({ events }: Followed) => events.flatMap(({ message }) => message?.text ?? []);

/** Waits until these texts have come, each once and in this order. */
export const expectTexts = (followed: Followed, texts: readonly string[]) =>
  expect.poll(() => textsIn(followed)).toEqual(texts);

export const isCaughtUp = ({ events }: Followed) =>
  events.some(({ __typename }) => __typename === 'CaughtUp');
