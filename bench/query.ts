import { clientNonce, type EventDraft } from '../schema/stream/event.ts';
import { openLoadConnection, requestOf } from './load-http.ts';
import type { Load, Loading, Scenario } from './scenario.ts';
import type { Seeded } from './seed-people.ts';
import { quantileOf, round } from './spread.ts';

/** Connections with one request at a time each: enough to keep the server busy, few enough for p99 to mean something. */
const connections = 8;
/** Execution touches much code: it is some two thousand operations until all of that is compiled. */
const warmUpSeconds = 15;
const text =
  'A message of a length that people write: about a hundred characters, with nothing special in it.';

/** What a client asks for when it is opened: the list of channels with what was said last, and from where to go on. */
const firstScreenDocument = `query FirstScreen {
  syncCursor
  viewer { id user { id handle displayName colour }
    channels(first: 50) { pageInfo { hasNextPage endCursor } edges { cursor node {
      id kind name memberCount lastNumber directPeer { id displayName colour }
      lastMessage { id number revision text createdAt deletedAt author { id displayName } }
      viewerState { id isMuted mutedUntil isArchived member { id role } } } } } } }`;

const message = `id number revision text createdAt editedAt deletedAt nonce author { id displayName colour }
  replyToNumber replyTo { id number text deletedAt author { id displayName } }`;
const pageOf = (page: string) => `query Page($id: ID!) { channel(id: $id) { id
  page: ${page} { pageInfo { hasPreviousPage hasNextPage startCursor endCursor } edges { cursor node { ${message} } } } } }`;

const allOf = (people: number) => Array.from({ length: people }, (_, person) => person);

/** The first screen of people with 50 channels, each with a message. */
export const firstScreen: Scenario = {
  name: 'first screen: 50 channels with what was said last, and the cursor',
  people: 20,
  groups: Array.from({ length: 50 }, () => allOf(20)),
  load: { sockets: connections, window: 1, subscribers: 0 },
  warmUpSeconds,
  async seed({ product: { stream }, people }) {
    for (const [index, channelId] of (people[0]?.channelIds ?? []).entries()) {
      const author = people[index % people.length];
      if (author) await stream.record(channelId, draftOf(author.scope.viewer.id, index));
    }
  },
  open: (loading) =>
    openAsking(loading, ({ token }) => requestOf(loading.httpUrl, { token, query: firstScreenDocument })),
};

/** So many messages are in the channel whose pages are read. */
const messages = 100_000;

/** A page of what was said last, every other message being an answer to an earlier one, in a channel with a long history. */
export const historyPage: Scenario = {
  name: `page: the newest 50 of ${messages} messages, with authors and what they answer`,
  people: 20,
  groups: [allOf(20)],
  load: { sockets: connections, window: 1, subscribers: 0 },
  warmUpSeconds,
  seed: seedHistory,
  open: (loading) =>
    openAsking(loading, ({ token, channelIds: [id] }) =>
      requestOf(loading.httpUrl, { token, query: pageOf('messages(last: 50)'), variables: { id } }),
    ),
  look: lookAtEnds,
};

const draftOf = (authorId: EventDraft['authorId'], nth: number): EventDraft => ({
  ...({ kind: 'message.sent', authorId, body: text } as const),
  nonce: clientNonce(`bench-${nth}`),
});

/** As many as may wait for one channel at once; the log takes them in rounds. */
const batch = 960;

async function seedHistory({ product: { stream }, people }: Seeded): Promise<void> {
  const channelId = people[0]?.channelIds[0];
  if (channelId === undefined) throw new Error('There is no channel to fill.');
  let answerable: number | undefined;
  for (let from = 0; from < messages; from += batch) {
    const count = Math.min(batch, messages - from);
    const drafts = Array.from({ length: count }, (_, index): EventDraft => {
      const author = people[(from + index) % people.length];
      if (author === undefined) throw new Error('There is nobody to write.');
      const draft = draftOf(author.scope.viewer.id, from + index);
      return index % 2 === 1 && answerable !== undefined ? { ...draft, refSeq: answerable + index } : draft;
    });
    const recorded = await Promise.all(drafts.map((draft) => stream.record(channelId, draft)));
    answerable = recorded[0]?.event.seq;
  }
}

/** An operation is an answered request; each connection asks again as soon as it has its answer. */
async function openAsking(
  { httpUrl, people, onProblem }: Loading,
  requestFor: (person: Loading['people'][number]) => Buffer,
): Promise<Load> {
  const times: number[] = [];
  let [operations, isOpen] = [0, true];
  const opened = await Promise.all(
    people.slice(0, connections).map(async (person) => ({
      connection: await openLoadConnection(httpUrl),
      request: requestFor(person),
    })),
  );
  const loops: Promise<void>[] = [];
  const ask = async ({ connection, request }: (typeof opened)[number]) => {
    while (isOpen) {
      times.push(await connection.ask(request));
      operations += 1;
    }
  };
  return {
    start() {
      for (const each of opened) loops.push(ask(each).catch((problem) => onProblem(String(problem))));
    },
    operations: () => operations,
    takeTimes: () => times.splice(0),
    async close() {
      isOpen = false;
      await Promise.all(loops);
      await Promise.all(opened.map(({ connection }) => connection.close()));
    },
  };
}

/** So often a page is read, one at a time. */
const looks = 200;

/** How long a page takes at both ends of a long history, and in its middle by number and by date. */
async function lookAtEnds({ httpUrl, people }: Loading): Promise<object> {
  const [person] = people;
  if (person === undefined) throw new Error('There is nobody to look.');
  const [id] = person.channelIds;
  const connection = await openLoadConnection(httpUrl);
  const timesOf = async (page: string) => {
    const request = requestOf(httpUrl, { token: person.token, query: pageOf(page), variables: { id } });
    const times: number[] = [];
    for (let nth = 0; nth < looks; nth += 1) times.push(await connection.ask(request));
    const ascending = times.toSorted((a, b) => a - b);
    return { p50Ms: round(quantileOf(ascending, 0.5)), p99Ms: round(quantileOf(ascending, 0.99)) };
  };
  const middle = Math.floor(messages / 2);
  const date = await dateOf({ httpUrl, token: person.token, id: id ?? '', number: middle });
  try {
    return {
      pageMs: {
        first: await timesOf('messages(first: 50)'),
        last: await timesOf('messages(last: 50)'),
        aroundNumber: await timesOf(`messagesAround(place: { number: ${middle} })`),
        aroundDate: await timesOf(`messagesAround(place: { date: "${date}" })`),
      },
    };
  } finally {
    await connection.close();
  }
}

type Asked = {
  readonly httpUrl: string;
  readonly token: string;
  readonly id: string;
  readonly number: number;
};

async function dateOf({ httpUrl, token, id, number }: Asked): Promise<string> {
  const query = `query At($id: ID!, $number: Position!) { channel(id: $id) {
    page: messagesAround(place: { number: $number }, countBefore: 0, countAfter: 0) { edges { node { createdAt } } } } }`;
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { id, number } }),
    signal: AbortSignal.timeout(20_000),
  });
  const createdAt = /"createdAt":"([^"]+)"/.exec(await response.text())?.[1];
  if (createdAt === undefined) throw new Error('The message in the middle has no date.');
  return createdAt;
}
