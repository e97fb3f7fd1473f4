import { documents } from './documents.ts';
import type { Told } from './events.ts';
import type { Fold } from './fold.ts';
import type { Play } from './play.ts';
import type { ToRead } from './reading.ts';
import { dataIn } from './reply.ts';
import type { Wire } from './wire.ts';

/** What a device holds of the stream, and how it goes on with it. */
export type Following = {
  /** It has a cursor to begin with, and knows which channels it is in. */
  hasBegun(): boolean;
  /** Asks for those. False when there was no answer. */
  beginOver(wire: Wire): Promise<boolean>;
  /** Subscribes behind what it holds. */
  subscribeOver(wire: Wire): void;
  /** Its socket is gone. */
  lost(because: string): void;
  /** Whether everything up to this subscription has come. */
  isCaughtUp(): boolean;
  /** The channels that it is in, as far as it was told. */
  channels(): readonly string[];
  isIn(channelId: string): boolean;
  /** Whether it was told of all that was answered to anybody in this channel since it began. */
  isUpToDate(channelId: string): boolean;
  attempt(): number;
};

type Settings = {
  readonly play: Play;
  readonly device: { readonly name: string; readonly userId: string };
  readonly fold: Fold;
  /** This is to be read anew. */
  readonly onReadAnew: (place: ToRead) => void;
  readonly onProblem: (words: string) => void;
};

/** Something could not be read just then: it is tried again from where it was. */
const isPassing = (because: string) => /UNAVAILABLE|RATE_LIMITED/.test(because);

/** Keeps the rule for clients: append each cursor, replace them at a marker, subscribe behind them, read anew after a reset. */
export function createFollowing({ play, device, fold, onReadAnew, onProblem }: Settings): Following {
  const { write, now, counts } = play;
  const { name, userId } = device;
  const held = new Map<string, number>();
  /** What was answered to anybody before it began, or began again: that is not told. */
  const untold = new Map<string, number>();
  const isIn = new Set<string>();
  let cursors: string[] = [];
  let attempt = 0;
  let isCaughtUp = false;
  let isSubscribed = false;

  function take(payload: string, wire: Wire): void {
    try {
      const told = play.events.read(payload);
      if (told.type === 'broken') throw new Error(told.because);
      takeTold(told);
      if (told.type !== 'marker') cursors.push(told.cursor);
    } catch (failure) {
      const because = String(failure);
      if (!isPassing(because)) onProblem(`an event could not be taken in: ${because}`);
      wire.drop('an event was broken');
    }
  }
  function takeTold(told: Exclude<Told, { readonly type: 'broken' }>): void {
    if (told.type === 'marker') {
      cursors = [told.cursor];
      write({ kind: 'marker', t: now(), device: name, attempt, isCaughtUp: told.isCaughtUp });
      isCaughtUp ||= told.isCaughtUp;
    } else if (told.type === 'reset') reset(told.channelId, told.reason);
    else takeEvent(told);
  }
  function reset(channelId: string | null, reason: string): void {
    counts.resets += 1;
    const again = channelId === null ? [...isIn] : [channelId];
    for (const one of again) untold.set(one, play.book.newestIn(one));
    write({ kind: 'reset', t: now(), device: name, attempt, channelId, reason });
    if (channelId === null) {
      held.clear();
      fold.forgetAll();
    } else {
      held.delete(channelId);
      fold.forget(channelId);
    }
    for (const one of again) onReadAnew({ channelId: one });
  }
  function takeEvent(told: Extract<Told, { readonly type: 'event' }>): void {
    const { channelId, seq, cursor } = told;
    for (const event of told.events) {
      write({ kind: 'delivery', t: now(), device: name, userId, attempt, channelId, seq, cursor, event });
      if (event.type === 'message') counts.delivered += 1;
      if ('memberUserId' in event && event.memberUserId === userId) move(channelId, event.type);
    }
    if (seq > 0) held.set(channelId, Math.max(seq, held.get(channelId) ?? 0));
    if (told.isMember !== undefined) setMember(channelId, told.isMember);
    if (told.isMissing !== undefined) onReadAnew({ channelId, around: told.isMissing });
    if (told.held === undefined) return;
    if (told.events[0]?.type === 'message') fold.put(channelId, told.held);
    else fold.change(channelId, told.held);
  }
  /** Somebody's own coming begins everything that they hold of a channel. What they held before may have been changed since. */
  function move(channelId: string, type: string): void {
    if (type === 'added') fold.forget(channelId);
    if (type !== 'position') setMember(channelId, type === 'added');
  }
  /** By the other feed: it may tell of a going when that of the channel has told of the next coming. */
  function setMember(channelId: string, isMember: boolean): void {
    if (isMember) isIn.add(channelId);
    else isIn.delete(channelId);
  }

  return {
    hasBegun: () => cursors.length > 0,
    async beginOver(wire) {
      const first = dataIn(await wire.ask(documents.first, {}));
      if (first.kind !== 'done') return false;
      const { syncCursor, viewer } = first.payload;
      if (syncCursor === null || viewer === null) return false;
      cursors = [syncCursor];
      for (const { node } of viewer.channels.edges) {
        isIn.add(node.id);
        untold.set(node.id, play.book.newestIn(node.id));
      }
      return true;
    },
    subscribeOver(wire) {
      attempt += 1;
      isCaughtUp = false;
      isSubscribed = true;
      const at = { t: now(), device: name, userId, attempt };
      write({ kind: 'subscribe', ...at, held: Object.fromEntries(held) });
      wire.subscribe(
        documents.events,
        { after: cursors },
        {
          onNext: (payload) => take(payload, wire),
          onEnd(because) {
            if (!isPassing(because)) onProblem(`\`events\` ended with ${because}`);
            wire.drop('events ended');
          },
        },
      );
    },
    lost(because) {
      if (isSubscribed) write({ kind: 'gone', t: now(), device: name, attempt, because });
      isSubscribed = false;
      isCaughtUp = false;
    },
    isCaughtUp: () => isCaughtUp,
    channels: () => [...isIn],
    isIn: (channelId) => isIn.has(channelId),
    isUpToDate: (channelId) =>
      Math.max(held.get(channelId) ?? 0, untold.get(channelId) ?? 0) >= play.book.newestIn(channelId),
    attempt: () => attempt,
  };
}
