import type { LoggedMessage } from '../history.ts';
import type { Held } from './events.ts';

/** The messages that a device holds, by channel, as it would show them. */
export type Fold = {
  /** It was told of this message, or read it. What it holds of it already stays if that is newer. */
  put(channelId: string, held: Held): void;
  /** This message has changed: of those that it does not hold it need not know. */
  change(channelId: string, held: Held): void;
  forget(channelId: string): void;
  forgetAll(): void;
  /** The number of the newest one; 0 when there is none. */
  newestNumber(channelId: string): number;
  /** Ascending. */
  messagesIn(channelId: string): LoggedMessage[];
};

/** Ascending by place. What is shared by many devices is one object. */
type Shelf = Held[];

export function createFold(): Fold {
  const shelves = new Map<string, Shelf>();
  const shelfOf = (channelId: string): Shelf => {
    const known = shelves.get(channelId);
    if (known !== undefined) return known;
    const made: Shelf = [];
    shelves.set(channelId, made);
    return made;
  };
  return {
    put(channelId, held) {
      const shelf = shelfOf(channelId);
      const { seq } = held.message;
      const last = shelf.at(-1);
      if (last === undefined || last.message.seq < seq) return void shelf.push(held);
      const at = placeIn(shelf, seq);
      if (shelf[at]?.message.seq !== seq) shelf.splice(at, 0, held);
      else replace(shelf, at, held);
    },
    change(channelId, held) {
      const shelf = shelfOf(channelId);
      const at = placeIn(shelf, held.message.seq);
      if (shelf[at]?.message.seq === held.message.seq) replace(shelf, at, held);
    },
    forget: (channelId) => void shelves.delete(channelId),
    forgetAll: () => shelves.clear(),
    newestNumber: (channelId) => shelves.get(channelId)?.at(-1)?.message.number ?? 0,
    messagesIn: (channelId) => (shelves.get(channelId) ?? []).map(({ message }) => message),
  };
}

function replace(shelf: Shelf, at: number, held: Held): void {
  if ((shelf[at]?.revision ?? 0) < held.revision) shelf[at] = held;
}

/** Where the first one stands that is not before this place. */
function placeIn(shelf: Shelf, seq: number): number {
  let [from, to] = [0, shelf.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((shelf[middle]?.message.seq ?? 0) < seq) from = middle + 1;
    else to = middle;
  }
  return from;
}
