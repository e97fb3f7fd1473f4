import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openProductServer, type ProductServer } from '../attacks/product-server.ts';
import { read } from '../client/ask.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { openWorld } from '../world.ts';
import { type Reading, readingBy, readingPeople, say, type Told } from './reading.ts';

// Clients that keep no cursor: they acknowledge what they have done, and subscribe to `events` without `after`.

let serving: ProductServer;
beforeAll(async () => {
  serving = await openProductServer();
});
afterAll(() => serving.close());

const query =
  'subscription { events { __typename eventId cursor ... on MessageSent { message { number text } } } }';
const acknowledging =
  'mutation ($input: AcknowledgeEventsInput!) { acknowledgeEvents(input: $input) { __typename } }';
type Event = Pick<Told, '__typename' | 'eventId' | 'cursor' | 'message'>;

/** Bob, whose stock client is behind a network that can be cut, and Ada, who talks. */
async function twoPeople() {
  const { world, server } = serving;
  const { ada } = await readingPeople(world, 'ada');
  const bob = await world.signUp();
  const { id } = (await ada.createGroup([bob.userId])).channel;
  const proxy = await openTcpProxy({ targetPort: Number(new URL(server.url).port) });
  const token = bob.session.accessToken;
  const acknowledge = (...cursors: string[]): Promise<unknown> =>
    read(server.url, { query: acknowledging, variables: { input: { cursors } }, token });
  return { ada, bob: readingBy(bob), id, proxy, token, acknowledge };
}

type People = Awaited<ReturnType<typeof twoPeople>>;

/** Acknowledges in the background: one call at a time, and what comes meanwhile goes into the next. */
function createSayer(acknowledge: (...cursors: string[]) => Promise<unknown>, every: number) {
  const said = new Set<string>();
  const unsaid: Event[] = [];
  let saying: Promise<void> | undefined;
  async function sayAll(least: number): Promise<void> {
    while (unsaid.length >= least) {
      const events = unsaid.splice(0);
      await acknowledge(...events.map(({ cursor }) => cursor));
      for (const { eventId } of events) said.add(eventId);
    }
  }
  const begin = (least: number) => {
    saying ??= sayAll(least).finally(() => {
      saying = undefined;
    });
    return saying;
  };
  return {
    said,
    take(event: Event): void {
      unsaid.push(event);
      // The first time something complete is needed: without it, what happens before the next connection would be lost.
      const least = said.size === 0 ? 1 : every;
      if (unsaid.length >= least) begin(least).catch(() => undefined); // `all` tells
    },
    async all(): Promise<void> {
      await saying;
      await begin(1);
    },
  };
}

/** The stock client as it comes: it subscribes once, without variables, and with the same again each time its socket is lost. */
function openForgetful({ proxy, token, acknowledge }: People, every: number, cutAt: readonly number[] = []) {
  const [heard, repeats]: [Event[], Event[]] = [[], []];
  const sayer = createSayer(acknowledge, every);
  const cuts = new Set(cutAt);
  let safe: ReadonlySet<string> = new Set();
  let connections = 0;
  const client = openStockClient({
    socketUrl: `ws://127.0.0.1:${proxy.port}/graphql`,
    token: () => {
      // What has been acknowledged by now must not come again through this connection.
      safe = new Set(sayer.said);
      connections += 1;
      return token;
    },
    retryAttempts: 1_000,
    retryWaitMs: () => 5,
  });
  client.subscribe<{ events: Event }>(
    { query },
    {
      next({ data }) {
        if (!data) return;
        const { events: event } = data;
        if (safe.has(event.eventId)) repeats.push(event);
        heard.push(event);
        sayer.take(event);
        if (cuts.delete(event.message?.number ?? 0)) for (const link of proxy.links()) link.cut();
      },
      error: (problem) => {
        throw problem;
      },
      complete: () => undefined,
    },
  );
  return {
    ...{ heard, repeats, sayAll: sayer.all },
    numbers: () => heard.flatMap(({ message }) => message?.number ?? []),
    connections: () => connections,
    close: () => closeClient(client),
  };
}

describe('the stock client, which subscribes again with its first variables', () => {
  it.for([1, 3, 7])(
    'loses nothing, and gets nothing again that it had acknowledged, %i at a time',
    async (every) => {
      const people = await twoPeople();
      const client = openForgetful(people, every, [2, 3, 5, 8, 13, 21, 34, 55]);
      try {
        await expect.poll(() => client.heard.length).toBeGreaterThan(0);
        await client.sayAll();
        await say(people.ada, people.id, 60);
        await expect.poll(() => client.numbers().includes(60), { timeout: 40_000 }).toBe(true);
        await client.sayAll();
        expect([...new Set(client.numbers())]).toEqual(upTo(60));
        expect(client.repeats).toEqual([]);
        expect(client.connections()).toBeGreaterThan(3);
        expect((await people.ada.reads.placed(people.id))[people.bob.userId]).toEqual([0, 60]);
      } finally {
        await client.close();
        await people.proxy.close();
      }
    },
  );

  it('loses what happens while it is away when it never acknowledges anything', async () => {
    const people = await twoPeople();
    const client = openForgetful({ ...people, acknowledge: async () => undefined }, 1);
    try {
      await expect.poll(() => client.heard.length).toBe(1);
      for (const link of people.proxy.links()) link.cut();
      await people.ada.send(people.id, 'missed');
      await expect.poll(() => client.heard.length).toBe(2);
      await people.ada.send(people.id, 'heard');
      await expect.poll(client.numbers).toEqual([2]);
    } finally {
      await client.close();
      await people.proxy.close();
    }
  });
});

/** What a bot has done, message by message, and what of it it was told is remembered. */
type Diary = { readonly done: number[]; readonly acknowledged: number[] };

/**
 * A bot that stores nothing at all: it does something about each message, and acknowledges it after that. It is killed after so many
 * steps, wherever that is; what it did stays done.
 */
async function runBot({ reads }: Reading, { done, acknowledged }: Diary, lives = Number.POSITIVE_INFINITY) {
  let left = lives;
  const isKilled = () => {
    left -= 1;
    return left < 0;
  };
  const { next, stop } = await reads.follow();
  try {
    for (;;) {
      if (isKilled()) return 'killed';
      const { __typename, cursor, message } = await next();
      const number = message?.number;
      if (isKilled()) return 'killed';
      if (number !== undefined) done.push(number);
      if (isKilled()) return 'killed';
      await reads.acknowledge(cursor);
      if (number !== undefined) acknowledged.push(number);
      if (__typename === 'CaughtUp') return 'up to date';
    }
  } finally {
    await stop();
  }
}
const ascending = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

describe('a bot that stores nothing', () => {
  it('does something about every message, wherever it is killed, and nothing again that it had acknowledged', async () => {
    const { ada, bob, id } = await twoPeople();
    const diary: Diary = { done: [], acknowledged: [] };
    const { done, acknowledged } = diary;
    await runBot(bob, diary);
    let kills = 0;
    for (const lives of upTo(25)) {
      await say(ada, id, 2);
      const [known, from] = [new Set(acknowledged), done.length];
      if ((await runBot(bob, diary, lives)) === 'killed') kills += 1;
      expect(done.slice(from).filter((number) => known.has(number))).toEqual([]);
    }
    await runBot(bob, diary);
    expect(ascending(new Set(done))).toEqual(upTo(50));
    expect(ascending(acknowledged)).toEqual(upTo(50));
    // It was killed between doing something and saying so, and then did that again, but no more than that.
    expect(done.length).toBeGreaterThan(50);
    expect(done.length).toBeLessThanOrEqual(50 + kills);
  });

  it('is told to begin anew when the server was restored, and then goes on', async () => {
    const world = await openWorld({ log: 'postgres' });
    try {
      const { ada, bob } = await readingPeople(world, 'ada', 'bob');
      const { id } = (await ada.createGroup([bob.userId])).channel;
      const diary: Diary = { done: [], acknowledged: [] };
      await runBot(bob, diary);
      await say(ada, id, 3);
      await runBot(bob, diary);
      await world.database.pool.query('UPDATE installation SET epoch = epoch + 1');
      const { next, stop } = await bob.reads.follow();
      expect([await next(), await next()]).toMatchObject([
        { __typename: 'ViewerReset', reason: 'LOG_RESTORED' },
        { __typename: 'SyncReset', reason: 'LOG_RESTORED', channelId: id },
      ]);
      await stop();
      for (const _ of upTo(2)) expect(await runBot(bob, diary)).toBe('up to date');
      await say(ada, id);
      await runBot(bob, diary);
      expect(diary).toEqual({ done: [1, 2, 3, 4], acknowledged: [1, 2, 3, 4] });
    } finally {
      await world.close();
    }
  });
});
