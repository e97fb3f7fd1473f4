import type { Answered, Line, Wanted } from '../history.ts';

/** What is known of something that was done. */
export type Done = Omit<Extract<Answered, { readonly kind: 'ok' }>, 'kind' | 't' | 'op' | 'device'>;
/** How it ended. `open`: nobody will ever know, as its device cannot ask any more. */
export type Outcome =
  | { readonly state: 'done'; readonly done: Done }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'open' };

/** Something that somebody wants from a server, from its first attempt to its end. */
export type Op = {
  /** It is asked for, once more. */
  invoke(): void;
  ok(done: Done): Outcome;
  /** Nobody knows yet. */
  unknown(because: string): void;
  /** It was refused. What was attempted before and not answered may have been done nevertheless: then nobody knows, for ever. */
  refuse(code: string): Outcome;
  /** Its device cannot ask any more. */
  abandon(): Outcome;
  hasUnknown(): boolean;
};

export type Asker = { readonly name: string; readonly userId: string };

export type Book = {
  open(asker: Asker, what: Wanted): Op;
  /** Who waits for what, in words. */
  waiting(): string[];
  /** The largest place in this channel of anything that was answered. */
  newestIn(channelId: string): number;
  counts(): {
    readonly acked: number;
    readonly done: number;
    readonly refused: number;
    readonly unknown: number;
  };
};

type Pages = { readonly write: (line: Line) => void; readonly now: () => number };
type Counts = { acked: number; done: number; refused: number; unknown: number };
type Entry = { readonly device: string; readonly what: Wanted; attempt: number; words: string };

/** Writes what is asked and answered, and knows what is still to be answered. */
export function createBook({ write, now }: Pages): Book {
  const open = new Map<number, Entry>();
  const newest = new Map<string, number>();
  const counts: Counts = { acked: 0, done: 0, refused: 0, unknown: 0 };
  let ops = 0;

  function note(what: Wanted, { message, seq = message?.seq ?? 0 }: Done): void {
    if (what.type === 'send') counts.acked += 1;
    else counts.done += 1;
    if ('channelId' in what) newest.set(what.channelId, Math.max(seq, newest.get(what.channelId) ?? 0));
  }
  return {
    open({ name: device, userId }, what) {
      ops += 1;
      const op = ops;
      const entry: Entry = { device, what, attempt: 0, words: 'not asked yet' };
      const told = () => ({ t: now(), op, device });
      let hasUnknown = false;
      open.set(op, entry);
      return {
        invoke() {
          entry.attempt += 1;
          entry.words = 'no answer yet';
          write({ kind: 'invoke', ...told(), attempt: entry.attempt, userId, what });
        },
        ok(done) {
          open.delete(op);
          note(what, done);
          write({ kind: 'ok', ...told(), ...done });
          return { state: 'done', done };
        },
        unknown(because) {
          hasUnknown = true;
          counts.unknown += 1;
          entry.words = because;
          write({ kind: 'unknown', ...told(), because });
        },
        refuse(code) {
          open.delete(op);
          counts.refused += 1;
          if (hasUnknown) write({ kind: 'unknown', ...told(), because: `refused now: ${code}` });
          else write({ kind: 'fail', ...told(), code });
          return { state: 'refused', code };
        },
        abandon() {
          open.delete(op);
          return { state: 'open' };
        },
        hasUnknown: () => hasUnknown,
      };
    },
    waiting: () =>
      [...open].map(
        ([op, { device, what, attempt, words }]) => `${device}: ${what.type} (${op}.${attempt}): ${words}`,
      ),
    newestIn: (channelId) => newest.get(channelId) ?? 0,
    counts: () => ({ ...counts }),
  };
}
