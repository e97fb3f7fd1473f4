import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createGroup, type SignedIn, signUp } from '../api/test/client/people.ts';
import { askOverSocket, closeClient, openStockClient } from '../api/test/client/stock-client.ts';
import { openCluster } from '../api/test/cluster/open-cluster.ts';
import { createRandom } from '../schema/ports/random.contract.ts';
import { quantileOf, round, spreadOf } from './spread.ts';
import { raisedSettings } from './stage.ts';

/** What crosses from a server to another, and how fast it is to be there, 99 times of 100, in milliseconds. */
export const crossGoals = { messages: 50, typing: 50, presence: 50, positions: 250 } as const;
type What = keyof typeof crossGoals;
const kinds: readonly What[] = ['messages', 'typing', 'presence', 'positions'];

/** Both people together. */
const messagesPerSecond = 200;
const everyMs = { positions: 300, typing: 500, presence: 700 } as const;
const random = createRandom(1);

/**
 * Until everything is compiled, on cores that everybody shares. Rows are counted, as PostgreSQL does by itself in the first minute or
 * two of an installation: until then its plans are those of empty tables.
 */
async function warmUp(databaseUrl: string): Promise<void> {
  await pause(40_000);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
  await pause(2_000); // until what follows from that is settled
}

/** The times of each run, in ascending order. */
type Found = (readonly number[])[];

type Options = {
  readonly runs: number;
  readonly secondsPerRun: number;
  readonly onProgress: (words: string) => void;
};

/** When something was said, by what it is; taken when it has come to the other. */
function createWatch() {
  const begun = new Map<string, number>();
  let times = new Map<What, number[]>(kinds.map((what) => [what, []]));
  const upTo = new Map<string, number>();
  function came(what: What, name: string | number): void {
    const at = begun.get(`${what} ${name}`);
    if (at === undefined) return;
    begun.delete(`${what} ${name}`);
    times.get(what)?.push(performance.now() - at);
  }
  return {
    begin: (what: What, name: string | number) => void begun.set(`${what} ${name}`, performance.now()),
    came,
    /** A later position stands for those before it. */
    cameUpTo(userId: string, number: number): void {
      for (let one = number; one > (upTo.get(userId) ?? 0); one -= 1) came('positions', `${userId} ${one}`);
      upTo.set(userId, Math.max(number, upTo.get(userId) ?? 0));
    },
    take() {
      const taken = times;
      times = new Map(kinds.map((what) => [what, []]));
      return taken;
    },
  };
}
type Watch = ReturnType<typeof createWatch>;

const eventsDocument = `subscription { events { __typename
  ... on MessageSent { message { text number author { id } } }
  ... on PositionsChanged { members { id readNumber user { id } } } } }`;
const send = 'mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) { __typename } }';
const mark = 'mutation ($input: MarkReadInput!) { result: markRead(input: $input) { __typename } }';
const type = 'mutation ($input: SetTypingInput!) { result: setTyping(input: $input) { __typename } }';
const act = 'mutation ($input: SetActivityInput!) { result: setActivity(input: $input) { __typename } }';

type Event = {
  readonly __typename: string;
  readonly message?: {
    readonly text: string;
    readonly number: number;
    readonly author: { readonly id: string };
  };
  readonly members?: readonly {
    readonly readNumber: number | null;
    readonly user: { readonly id: string };
  }[];
};

type Side = {
  readonly me: SignedIn;
  readonly other: SignedIn;
  readonly socketUrl: string;
  readonly channelId: string;
};

/** One of two people, on a server of their own: says things all the time, and hears what the other says. */
async function openTalker(
  { me, other, socketUrl, channelId }: Side,
  watch: Watch,
  fail: (words: string) => void,
) {
  const client = openStockClient({ socketUrl, token: () => me.session.accessToken });
  let newest = 0;
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const hear = <Data>(query: string, variables: Record<string, unknown>, take: (data: Data) => void) =>
    client.subscribe<Data>(
      { query, variables },
      {
        next: ({ data, errors }) => (data && !errors ? take(data) : fail(JSON.stringify(errors))),
        error: (problem) => fail(String(problem)),
        complete: () => undefined,
      },
    );
  hear<{ events: Event }>(eventsDocument, {}, ({ events }) => {
    if (events.__typename === 'CaughtUp') isReady();
    newest = Math.max(newest, events.message?.number ?? 0);
    if (events.message?.author.id === other.userId) watch.came('messages', events.message.text);
    for (const { user, readNumber } of events.members ?? [])
      if (user.id === other.userId) watch.cameUpTo(user.id, readNumber ?? 0);
  });
  const typing = 'subscription ($ids: [ID!]!) { typing(channelIds: $ids) { isTyping user { id } } }';
  hear<{ typing: { isTyping: boolean; user: { id: string } } }>(typing, { ids: [channelId] }, (data) =>
    watch.came('typing', `${data.typing.user.id} ${data.typing.isTyping}`),
  );
  const presence =
    'subscription ($ids: [ID!]!) { presence(userIds: $ids) { user { id presence { state } } } }';
  hear<{ presence: { user: { id: string; presence: { state: string } } } }>(
    presence,
    { ids: [other.userId] },
    (data) => watch.came('presence', `${data.presence.user.id} ${data.presence.user.presence.state}`),
  );
  await ready;

  const say = async (query: string, input: Record<string, unknown>) => {
    const { data, errors } = await askOverSocket<{ result: { __typename: string } }>(client, {
      query,
      variables: { input },
    });
    if (!data?.result.__typename.endsWith('Payload')) fail(JSON.stringify(errors ?? data));
  };
  const sayings = sayingsOf({ me, channelId, newest: () => newest }, watch, say);
  return { sayings, close: () => closeClient(client) };
}
type Talker = Awaited<ReturnType<typeof openTalker>>;

type Saying = (query: string, input: Record<string, unknown>) => Promise<void>;
type Speaker = Pick<Side, 'me' | 'channelId'> & { readonly newest: () => number };

/** What somebody says, one of each kind after the other. */
function sayingsOf({ me, channelId, newest }: Speaker, watch: Watch, say: Saying) {
  let [sent, marked, isTyping, isIdle] = [0, 0, false, false];
  return {
    messages() {
      sent += 1;
      const text = `${me.handle} ${sent}`;
      watch.begin('messages', text);
      return say(send, { channelId, text, nonce: text });
    },
    positions() {
      if (newest() <= marked) return Promise.resolve();
      marked = newest();
      watch.begin('positions', `${me.userId} ${marked}`);
      return say(mark, { channelId, number: marked });
    },
    typing() {
      isTyping = !isTyping;
      watch.begin('typing', `${me.userId} ${isTyping}`);
      return say(type, { channelId, isTyping });
    },
    presence() {
      isIdle = !isIdle;
      watch.begin('presence', `${me.userId} ${isIdle ? 'IDLE' : 'ONLINE'}`);
      return say(act, { isIdle });
    },
  };
}

/**
 * Says each kind of thing at its own pace until the signal, now a little earlier and now a little later: two people do not speak in
 * step. What is late for its turn is said at once.
 */
async function talk({ sayings }: Talker, signal: AbortSignal, fail: (words: string) => void): Promise<void> {
  const pace = { ...everyMs, messages: 2_000 / messagesPerSecond };
  const one = async (what: What) => {
    for (let next = performance.now(); !signal.aborted; next += pace[what] * (0.5 + random())) {
      await pause(Math.max(0, next - performance.now()));
      sayings[what]().catch((problem: unknown) => fail(String(problem)));
    }
  };
  await Promise.all(kinds.map(one));
}

/** How long it takes from somebody on one server to somebody on another, of all that people see of each other. */
export async function measureCross({ runs, secondsPerRun, onProgress }: Options): Promise<object> {
  const settings = { ...raisedSettings, DEMO: 'off', LOG_LEVEL: 'warn' };
  const cluster = await openCluster({ servers: 2, isRedis: true, from: 'dist', settings, onProgress });
  let problem: string | undefined;
  const fail = (words: string) => {
    problem ??= words;
  };
  try {
    const [one, two] = cluster.servers;
    if (one === undefined || two === undefined) throw new Error('There are not two servers.');
    const [ada, ben] = [await signUp(one.httpUrl, 'ada'), await signUp(two.httpUrl, 'ben')];
    const channelId = await createGroup(one.httpUrl, ada, { name: 'cross', members: [ben] });
    const watch = createWatch();
    const talkers = [
      await openTalker({ me: ada, other: ben, socketUrl: one.socketUrl, channelId }, watch, fail),
      await openTalker({ me: ben, other: ada, socketUrl: two.socketUrl, channelId }, watch, fail),
    ];
    const end = new AbortController();
    const talking = Promise.all(talkers.map((talker) => talk(talker, end.signal, fail)));
    await warmUp(cluster.databaseUrl);
    watch.take();
    const found = new Map(kinds.map((what): [What, Found] => [what, []]));
    for (let nth = 0; nth < runs; nth += 1) {
      await pause(secondsPerRun * 1_000);
      for (const [what, times] of watch.take()) found.get(what)?.push(times.toSorted((a, b) => a - b));
      onProgress(`messages p99 ${round(quantileOf(found.get('messages')?.at(-1) ?? [], 0.99))} ms`);
    }
    end.abort();
    await talking;
    for (const talker of talkers) await talker.close();
    if (problem !== undefined) throw new Error(problem);
    return Object.fromEntries([...found].map(([what, times]) => [what, figuresOf(times, crossGoals[what])]));
  } finally {
    await cluster.close();
  }
}

/** Of fewer in a run the slowest of a hundred is just the slowest: then all runs are one. */
const enough = 100;

function figuresOf(found: Found, goalMs: number) {
  const all = found.flat().toSorted((a, b) => a - b);
  const runs = found.every(({ length }) => length >= enough) ? found : [all];
  const spreadAt = (part: number) => spreadOf(runs.map((times) => quantileOf(times, part)));
  const [p50Ms, p99Ms] = [spreadAt(0.5), spreadAt(0.99)];
  return { p50Ms, p99Ms, goalMs, isMet: p99Ms.median <= goalMs, count: all.length };
}
