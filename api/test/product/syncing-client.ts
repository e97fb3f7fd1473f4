import { upTo } from '../../../schema/ports/random.contract.ts';
import {
  type Cache,
  createCache,
  type Event,
  eventFields,
  type People,
  peopleFields,
  type Viewer,
  viewerFields,
  type WholeChannel,
  wholeChannel,
} from './client-cache.ts';
import type { ReadingRule } from './client-reading.ts';
import type { Talker } from './talker.ts';

export const everything = `viewer { unreadCount ${viewerFields} ${peopleFields} channels(first: 6) { edges { node { ${wholeChannel} } } } }`;
const oneChannel = `query ($id: ID!) { channel(id: $id) { ${wholeChannel} } }`;
export const eventsDocument = `subscription ($after: [Cursor!]) { event: events(after: $after) { ${eventFields} } }`;
const changesDocument = `query ($after: [Cursor!]!, $first: Int!) {
  changes(after: $after, first: $first) { cursor events { ${eventFields} } } }`;

type All = {
  readonly viewer: Viewer &
    People & { readonly channels: { readonly edges: readonly { node: WholeChannel }[] } };
};
type Page = { readonly changes: { readonly cursor: string; readonly events: readonly Event[] } };

/**
 * How a client keeps up: `list` keeps every cursor until one replaces them, `checkpoints` keeps complete ones only, so that much
 * comes twice, `pages` asks for changes now and then. `careless` breaks the rule: it reads first and takes the cursor after
 * that.
 */
export const habits = ['list', 'checkpoints', 'pages'] as const;
export type Habit = (typeof habits)[number] | 'careless';

type Settings = {
  readonly talker: Talker;
  readonly habit: Habit;
  readonly random: () => number;
  /** A rule of counting that this client breaks. */
  readonly forgotten?: ReadingRule | undefined;
  /** The types of all events that came. */
  readonly met?: Set<string> | undefined;
};

/** A client that begins with one query and follows from there, whatever happens to its connection. */
export async function openSyncingClient({ talker, habit, random, forgotten, met }: Settings) {
  const cache = createCache(talker.userId, forgotten);
  let cursors = [await begin(talker, cache, habit)];
  let [isResting, stop, stopped] = [false, () => {}, Promise.resolve()];

  /** Takes what an event says; the answer is the channel that is to be read anew, if one is. */
  function apply(event: Event): string | undefined {
    if (event.__typename === 'ViewerReset') throw new Error('Nothing here resets the viewer.');
    met?.add(event.__typename);
    return cache.apply(event);
  }

  async function take(event: Event): Promise<void> {
    const toRead = apply(event);
    if (toRead !== undefined) await readChannel(talker, cache, toRead);
    if (event.__typename === 'CaughtUp' || event.__typename === 'Checkpoint') cursors = [event.cursor];
    else if (habit !== 'checkpoints') cursors = [...cursors, event.cursor];
  }

  /** One connection: so many events, or up to the end of the replay. */
  async function connect(most: number, isLast: (event: Event) => boolean): Promise<void> {
    const events = await talker.subscribe<{ event: Event }>(eventsDocument, { after: cursors });
    for (const _ of upTo(most)) {
      const next = await Promise.race([events.next(), stopped.then(() => undefined)]);
      if (next?.value === undefined) break;
      if (next.value.errors) throw new Error(JSON.stringify(next.value.errors));
      await take(next.value.data.event);
      if (isLast(next.value.data.event)) break;
    }
    await events.return?.();
  }

  async function page(): Promise<number> {
    const { changes } = await talker.query<Page>(changesDocument, {
      after: cursors,
      first: 1 + Math.floor(random() * 5),
    });
    // All of it is of the moment at which the page was made: what is to be read anew is newer, and comes behind it.
    const toRead = new Set(changes.events.map(apply));
    for (const channelId of toRead) if (channelId !== undefined) await readChannel(talker, cache, channelId);
    cursors = [changes.cursor];
    return changes.events.length;
  }

  async function follow(): Promise<void> {
    while (!isResting) {
      if (habit === 'pages') await page();
      else await connect(1 + Math.floor(random() * 12), () => false);
      for (const _ of upTo(habit === 'pages' ? 50 : 1)) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function catchUp(): Promise<void> {
    const events = await talker.subscribe<{ event: Event }>(eventsDocument, { after: cursors });
    for await (const { data } of events) {
      await take(data.event);
      if (data.event.__typename === 'CaughtUp') break;
    }
    await events.return?.();
  }

  let following: Promise<void>;
  function goOn(): void {
    isResting = false;
    stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    following = follow();
    following.catch(() => undefined); // `rest` tells
  }
  goOn();
  return {
    habit,
    /** Ends the connection there is, comes back once more, and is then up to date. */
    async rest(): Promise<Cache> {
      isResting = true;
      stop();
      await following;
      if (habit === 'pages') while ((await page()) > 0);
      else await catchUp();
      return cache;
    },
    goOn,
  };
}

export type Client = Awaited<ReturnType<typeof openSyncingClient>>;

/** What one query shows, and from where events complete it. */
async function begin(talker: Talker, cache: Cache, habit: Habit): Promise<string> {
  const isCareless = habit === 'careless';
  const read = await talker.query<All & { syncCursor?: string }>(
    `{ ${everything} ${isCareless ? '' : 'syncCursor'} }`,
  );
  holdAll(cache, read);
  return read.syncCursor ?? (await talker.syncCursor());
}

async function readChannel(talker: Talker, cache: Cache, id: string): Promise<void> {
  const { channel } = await talker.query<{ channel: WholeChannel | null }>(oneChannel, { id });
  if (channel) cache.hold(channel);
  else cache.drop(id);
}

/** What a query shows now. */
export async function readNow(talker: Talker): Promise<Cache> {
  const cache = createCache(talker.userId);
  holdAll(cache, await talker.query<All>(`{ ${everything} }`));
  return cache;
}

function holdAll(cache: Cache, { viewer }: All): void {
  const { channels, contacts, incoming, outgoing, blockedUsers, ...own } = viewer;
  cache.holdViewer(own);
  cache.holdPeople({ contacts, incoming, outgoing, blockedUsers });
  for (const { node } of channels.edges) cache.hold(node);
}
