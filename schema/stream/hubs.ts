import type { ChannelId } from '../ids.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { CursorCodec } from './cursor.ts';
import { channelTopic, parseChannelHint } from './hint.ts';
import { createHub, type Hub } from './hub.ts';
import type { StreamRules } from './rules.ts';

/** A hub without readers stays this long: a reconnecting client finds it warm. */
const lingerMs = 30_000;
/** Heads asked for in one read. */
const batchSize = 500;

type Entry = { readonly opened: Promise<Hub>; hub?: Hub; readers: number; idleSince: number };

/** The hubs of this process: opened for the first reader, closed a while after the last. */
export interface Hubs {
  /** The hub of a channel, open and listening; call `release` when done with it. */
  attach(channelId: ChannelId): Promise<{ readonly hub: Hub; release(): void }>;
  /** Compares one hub with the log now. */
  refresh(hub: Hub): Promise<void>;
  /** Compares every open hub with the log: finds what no hint told. Rejects when the log cannot be read. */
  check(): Promise<void>;
  readonly size: number;
  close(): Promise<void>;
}

type HubsSettings = {
  readonly log: EventLog;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly codec: CursorCodec;
  readonly rules: StreamRules;
};

export function createHubs({ log, bus, clock, codec, rules }: HubsSettings): Hubs {
  const entries = new Map<ChannelId, Entry>();
  const unsubscribes = new Map<Hub, () => void>();
  const headOf = createHeadReader(log);

  function forget(channelId: ChannelId, entry: Entry | undefined, hub: Hub | undefined): void {
    if (entry !== undefined && entries.get(channelId) === entry) entries.delete(channelId);
    if (hub === undefined) return;
    unsubscribes.get(hub)?.();
    unsubscribes.delete(hub);
  }

  async function open(channelId: ChannelId, entry: () => Entry | undefined): Promise<Hub> {
    // Listening first: what is committed after the head was read is then heard of, what before is in the head.
    const early: Parameters<Hub['onHint']>[0][] = [];
    const state: { hub?: Hub } = {};
    const listen = () =>
      bus.subscribe(channelTopic(channelId), (payload) => {
        const hint = parseChannelHint(payload);
        if (hint === undefined) return;
        if (state.hub === undefined) early.push(hint);
        else state.hub.onHint(hint);
      });
    const read = () => headOf(channelId);
    const [unsubscribe, { epoch, head }] = rules.listensFirst
      ? await inTurn(listen, read)
      : await inTurn(read, listen).then(([found, stop]) => [stop, found] as const);
    const onGone = () => forget(channelId, entry(), state.hub);
    const hub = createHub({ channelId, epoch, head: head.head, log, codec, rules, onGone });
    state.hub = hub;
    unsubscribes.set(hub, unsubscribe);
    for (const hint of early) hub.onHint(hint);
    return hub;
  }

  function entryOf(channelId: ChannelId): Entry {
    const known = entries.get(channelId);
    if (known !== undefined) return known;
    const entry: Entry = { opened: open(channelId, () => entry), readers: 0, idleSince: clock.now() };
    entries.set(channelId, entry);
    entry.opened.then(
      (hub) => {
        entry.hub = hub;
      },
      () => forget(channelId, entry, undefined), // the next reader tries anew; this one is told by `attach`
    );
    return entry;
  }

  async function checkSome(channelIds: readonly ChannelId[]): Promise<void> {
    const { epoch, heads } = await log.heads(channelIds);
    for (const channelId of channelIds) {
      const head = heads.get(channelId);
      if (head !== undefined) await entries.get(channelId)?.hub?.onHead(epoch, head);
    }
  }

  function dropIdle(): void {
    const longAgo = clock.now() - lingerMs;
    for (const [channelId, entry] of entries) {
      if (entry.readers === 0 && entry.hub !== undefined && entry.idleSince < longAgo)
        forget(channelId, entry, entry.hub);
    }
  }

  return {
    async attach(channelId) {
      const entry = entryOf(channelId);
      entry.readers += 1;
      let isReleased = false;
      const release = () => {
        if (isReleased) return;
        isReleased = true;
        entry.readers -= 1;
        entry.idleSince = clock.now();
      };
      try {
        return { hub: await entry.opened, release };
      } catch (failure) {
        release();
        throw failure;
      }
    },
    async refresh(hub) {
      const { epoch, head } = await headOf(hub.channelId);
      await hub.onHead(epoch, head);
    },
    async check() {
      dropIdle();
      const open = [...entries].filter(([, { hub }]) => hub !== undefined).map(([channelId]) => channelId);
      for (let i = 0; i < open.length; i += batchSize) await checkSome(open.slice(i, i + batchSize));
    },
    get size() {
      return entries.size;
    },
    async close() {
      for (const [channelId, entry] of entries) {
        forget(channelId, entry, await entry.opened.catch(() => undefined));
      }
    },
  };
}

async function inTurn<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<readonly [A, B]> {
  return [await first(), await second()];
}

/** Reads heads together: a viewer of a thousand channels costs two reads, not a thousand. */
function createHeadReader(log: EventLog): (channelId: ChannelId) => Promise<{ epoch: number; head: Head }> {
  let waiting: { ids: ChannelId[]; read: ReturnType<EventLog['heads']> } | undefined;
  return async (channelId) => {
    if (waiting === undefined || waiting.ids.length >= batchSize) {
      const ids: ChannelId[] = [];
      // A tick later: everything asked for together has been collected by then, and is read after it was asked for.
      const read = Promise.resolve().then(() => {
        if (waiting?.ids === ids) waiting = undefined;
        return log.heads(ids);
      });
      waiting = { ids, read };
    }
    waiting.ids.push(channelId);
    const { epoch, heads } = await waiting.read;
    return { epoch, head: heads.get(channelId) ?? { head: 0, messageCount: 0, lastCreatedAt: 0 } };
  };
}
