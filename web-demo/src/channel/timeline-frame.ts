import { createWritable } from '../sync/readable.ts';
import { createRecentChanges } from './recent-changes.ts';
import {
  endOf,
  type Numbered,
  nothing,
  type Place,
  patched,
  type Row,
  type Stretch,
} from './timeline-window.ts';

/** `lastNumber`: that of the newest message the viewer may see, by the same answer. */
export type NewestPage<M extends Numbered> = Stretch<M> & { readonly lastNumber: number };

/** Where the pages come from. Each throws when there is no answer, and says null when there is no such channel. */
export type Source<M extends Numbered> = {
  /** `isFresh`: by the server; otherwise what is held is good enough. */
  newest(isFresh: boolean): Promise<NewestPage<M> | null>;
  older(than: Row<M>): Promise<Stretch<M> | null>;
  newer(than: Row<M>): Promise<Stretch<M> | null>;
  around(place: Place): Promise<Stretch<M> | null>;
  /** The held copy, as it is after a change of this message or of another one. The very same when nothing changes. */
  patch(held: M, changed: M): M;
};

export type Load = 'idle' | 'loading' | 'failed';
export type TimelineState<M extends Numbered> = Stretch<M> & {
  /** Another one when the rows were replaced as a whole: what was known of their places is void. */
  readonly generation: number;
  /** The message for which they were loaded; undefined: the newest. */
  readonly anchorId: string | undefined;
  /** Of all rows together, and of the pages at both ends. */
  readonly whole: 'loading' | 'ready' | 'failed' | 'missing';
  readonly older: Load;
  readonly newer: Load;
};

export type Frame<M extends Numbered> = ReturnType<typeof createFrame<M>>;

/** What the parts of a timeline share: its state, what is known to be there, and which answers are still wanted. */
export function createFrame<M extends Numbered>(source: Source<M>) {
  const first = { ...nothing, generation: 0, anchorId: undefined } as const;
  const state = createWritable<TimelineState<M>>({
    ...first,
    whole: 'loading',
    older: 'idle',
    newer: 'idle',
  });
  const recent = createRecentChanges(source.patch);
  /** Grows when what is under way is no longer wanted. */
  let epoch = 0;
  const set = (change: Partial<TimelineState<M>>): void => state.set({ ...state.get(), ...change });

  const frame = {
    source,
    state,
    recent,
    set,
    /** The largest number that is known to be there. */
    newestNumber: 0,
    grewAt: 'end' as 'start' | 'end',
    /** Whether it claims to reach the newest, and does not. */
    isBehind: (held: Stretch<M>) => !held.hasNewer && endOf(held) < frame.newestNumber,
    replace: (
      held: Stretch<M>,
      { newer = 'idle', anchorId }: { newer?: Load; anchorId?: string | undefined } = {},
    ) =>
      set({
        ...patched(held, recent.apply),
        anchorId,
        generation: state.get().generation + 1,
        whole: 'ready',
        older: 'idle',
        newer,
      }),
    /** From now on only what is asked for after this is wanted. */
    drop: () => void epoch++,
    /** Undefined when there was no answer, or when nobody wants it any more. */
    async ask<P>(page: () => Promise<P | null>, onFailed: () => void): Promise<P | undefined> {
      const mine = epoch;
      const answer = await page().catch(() => undefined);
      if (mine !== epoch) return undefined;
      if (answer === undefined) onFailed();
      if (answer === null) set({ ...nothing, whole: 'missing' });
      return answer ?? undefined;
    },
  };
  return frame;
}
