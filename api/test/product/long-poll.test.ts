import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Person } from '../../../schema/test/world.ts';
import { readConfig } from '../../config.ts';
import { httpLimits } from '../../http/listening.ts';
import { openRevocations, type Revocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import type { Answer } from '../client/ask.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import { openWorld, type World } from '../world.ts';
import { type Changes, type Talker, talkerOf } from './talker.ts';

// `changes(waitSeconds:)` on a real server, for those whom neither sockets nor streams reach.

const longestMs = 25_000;
const document = `query Changes($after: [Cursor!]!, $first: Int = 100, $waitSeconds: Int = 25) {
  changes(after: $after, first: $first, waitSeconds: $waitSeconds) {
    cursor hasMore events { __typename ... on ChannelEvent { channelId channel { lastNumber } } ... on MessageSent { message { text } } }
  }
}`;
type Data = { readonly changes: Changes };
type Variables = {
  readonly after: readonly string[];
  readonly first?: number;
  readonly waitSeconds?: number;
};

let world: World;
let clock: ManualClock;
let sleep: MockInstance<ManualClock['sleep']>;
let revocations: Revocations;
let server: Server;
let [ada, bob]: [Talker?, Talker?] = [];
let person: Person;
let channelId: string;
let cursor: string;

beforeEach(async () => {
  clock = createManualClock(1_700_000_000_000);
  sleep = vi.spyOn(clock, 'sleep');
  world = await openWorld({ clock });
  const { product } = world;
  revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations }, readConfig({ PORT: '0' }));
  person = await world.signUp();
  [ada, bob] = [talkerOf(await world.signUp()), talkerOf(person)];
  channelId = (await ada.createGroup([bob.userId])).channel.id;
  cursor = await bob.syncCursor();
});
afterEach(async () => {
  const closing = server.close();
  await clock.advance(1_000);
  await closing;
  await revocations.close();
  await world.close();
});

/** As any client asks over HTTP, on Bob's behalf. */
async function ask(
  variables: Variables,
  { signal, query = document }: { signal?: AbortSignal; query?: string } = {},
) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${person.session.accessToken}`,
    },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });
  const { data, errors }: Answer<Data> = await response.json();
  return { status: response.status, changes: data?.changes, errors, data };
}
const send = (text: string) => ada?.send(channelId, text);

/** The ends of those that wait now, or have waited. */
const waits = () => sleep.mock.calls.flatMap(([ms, signal]) => (ms === longestMs && signal ? [signal] : []));
const untilWaiting = (count: number) => expect.poll(waits).toHaveLength(count);
const untilNoneWaits = () => expect.poll(() => waits().every(({ aborted }) => aborted)).toBe(true);

const hello = [{ __typename: 'MessageSent', message: { text: 'hello' } }];

describe('a long poll', () => {
  it('is answered at once when there is something', async () => {
    await send('hello');
    const { changes } = await ask({ after: [cursor] });
    expect(changes).toMatchObject({ events: hello, hasMore: false });
  });

  it('is answered when something happens, and goes on behind that', async () => {
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    await send('hello');
    const { changes } = await answer;
    expect(changes?.events).toMatchObject(hello);
    const next = ask({ after: [changes?.cursor ?? ''] });
    await untilWaiting(2);
    await send('again');
    expect((await next).changes?.events).toMatchObject([{ message: { text: 'again' } }]);
  });

  it('shows objects as they are then, whatever else was asked before the wait', async () => {
    const query = document.replace(
      '{\n',
      '{ viewer { channels(first: 10) { edges { node { lastNumber } } } } again: viewer { id }\n',
    );
    const answer = ask({ after: [cursor] }, { query });
    await untilWaiting(1);
    await send('hello');
    const { data } = await answer;
    expect(data).toMatchObject({
      viewer: { channels: { edges: [{ node: { lastNumber: 0 } }] } },
      changes: { events: [{ channel: { lastNumber: 1 } }] },
    });
  });

  it('is empty after its time, with a cursor that misses nothing', async () => {
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    await clock.advance(longestMs);
    const { changes, status } = await answer;
    expect([status, changes?.events, changes?.hasMore]).toEqual([200, [], false]);
    await send('hello');
    expect((await ask({ after: [changes?.cursor ?? ''] })).changes?.events).toMatchObject(hello);
  });

  it('tells a removed member so, and nothing of what comes behind', async () => {
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    await ada?.remove(channelId, person.userId);
    await send('behind');
    const { changes } = await answer;
    expect(changes?.events).toEqual([{ __typename: 'MemberRemoved', channelId, channel: null }]);
    // The list of channels may have moved just behind that: it says once more that the channel is gone.
    const rest = await ask({ after: [changes?.cursor ?? ''], waitSeconds: 0 });
    expect(rest.changes?.events.filter(({ channel }) => channel !== null)).toEqual([]);
  });

  it.each([-1, 26, 2_000_000])('does not wait for %i seconds', async (waitSeconds) => {
    const { errors } = await ask({ after: [cursor], waitSeconds });
    expect(errors).toMatchObject([
      { message: '`waitSeconds` is from 0 to 25.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  it('is over before a connection counts as too slow', () => {
    // Node counts these only up to the end of the request; a proxy that counts like it shall not mind either.
    expect(longestMs).toBeLessThan(httpLimits.requestTimeout);
  });
});

describe('the end of a long poll', () => {
  it('comes with its client: twenty that left make room for twenty', async () => {
    const client = new AbortController();
    const left = Array.from({ length: 20 }, () =>
      ask({ after: [cursor] }, { signal: client.signal }).catch((failure: unknown) => failure),
    );
    await untilWaiting(20);
    expect((await ask({ after: [cursor] })).errors).toMatchObject([
      { extensions: { code: 'RATE_LIMITED', retryAfterMs: 1_000 } },
    ]);
    client.abort();
    await Promise.all(left);
    await untilNoneWaits();
    const answer = ask({ after: [cursor] });
    await untilWaiting(21);
    await send('hello');
    expect((await answer).changes?.events).toMatchObject(hello);
  });

  it('comes at once when the server stops, with a page to go on from', async () => {
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    const closing = server.close();
    const { status, changes } = await answer;
    expect([status, changes?.events]).toEqual([200, []]);
    await clock.advance(1_000);
    await closing;
    await send('hello');
    expect((await bob?.changes([changes?.cursor ?? '']))?.events).toMatchObject(hello);
  });

  it('comes with its session: who was signed out elsewhere is shown nothing any more', async () => {
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    revocations.announce(person.viewer.sessionId);
    expect(await answer).toMatchObject({
      status: 401,
      errors: [
        { message: expect.stringContaining('sign in again'), extensions: { code: 'UNAUTHENTICATED' } },
      ],
    });
    await untilNoneWaits();
  });

  it('comes with its token', async () => {
    await clock.advance(890_000);
    const answer = ask({ after: [cursor] });
    await untilWaiting(1);
    await clock.advance(10_000);
    expect(await answer).toMatchObject({
      status: 401,
      errors: [{ message: expect.stringContaining('refresh'), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});

describe('a long poll over a socket', () => {
  const frame = (id: string) => subscribeFrame(id, document, { after: [cursor] });
  const openSocket = () => openAcknowledged(server.socketUrl, person.session.accessToken);

  it('is answered like any other, while the socket goes on', async () => {
    const client = await openSocket();
    client.send(frame('poll'));
    await untilWaiting(1);
    client.send(subscribeFrame('other', '{ viewer { id } }'));
    expect(await client.until(({ type }) => type === 'next')).toMatchObject({ id: 'other' });
    await send('hello');
    const answer = await client.until(({ type, id }) => type === 'next' && id === 'poll');
    expect(answer).toMatchObject({ payload: { data: { changes: { events: hello } } } });
    await client.close();
  });

  it('ends when its client completes it, and with the socket', async () => {
    const client = await openSocket();
    client.send(frame('completed'));
    await untilWaiting(1);
    client.send({ id: 'completed', type: 'complete' });
    await untilNoneWaits();
    client.send(frame('cut'));
    await untilWaiting(2);
    client.webSocket.terminate();
    await untilNoneWaits();
  });
});
