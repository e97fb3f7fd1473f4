import { createMaxima, firstFrom } from './ordered.ts';

/** An event of a channel of which it is known when it was asked for first, and when its asker was told that it is done. */
export type Dated = {
  readonly seq: number;
  readonly invokedLine: number;
  readonly doneLine: number;
  readonly doneT: number;
};

/** When the events of one channel came to be. Of some nobody knows. */
export type When = {
  readonly all: readonly Dated[];
  /** In which line this event was asked for first; undefined when that is not known. */
  invokedLineOf(seq: number): number | undefined;
  /** When this event was acknowledged; undefined when it was not, or that is not known. */
  doneTOf(seq: number): number | undefined;
  /** Was any of the events from this place up to that one (not included) asked for only behind this line? */
  wasLater(from: number, to: number, line: number): boolean;
  /** The first event that was asked for only behind this line: all before it may have been there by then, and it was not. Infinity: none. */
  firstAskedAfter(line: number): number;
  /** The newest event that was acknowledged before this time; 0: none. */
  doneBefore(t: number): number;
};

export function createWhen(dated: readonly Dated[]): When {
  const all = dated.toSorted((a, b) => a.seq - b.seq);
  const maxima = createMaxima(all.map(({ invokedLine }) => invokedLine));
  const placeOf = (seq: number) => firstFrom(all, seq, (one) => one.seq);
  const latest = runningMaxima(all, ({ seq, invokedLine }) => [seq, invokedLine]);
  const acknowledged = all.filter(({ doneT }) => doneT !== Number.POSITIVE_INFINITY);
  acknowledged.sort((a, b) => a.doneT - b.doneT);
  const done = runningMaxima(acknowledged, ({ doneT, seq }) => [doneT, seq]);
  return {
    all,
    invokedLineOf(seq) {
      const found = all[placeOf(seq)];
      return found?.seq === seq ? found.invokedLine : undefined;
    },
    doneTOf(seq) {
      const found = all[placeOf(seq)];
      return found?.seq === seq && found.doneT !== Number.POSITIVE_INFINITY ? found.doneT : undefined;
    },
    wasLater: (from, to, line) => from < to && maxima(placeOf(from), placeOf(to)) > line,
    firstAskedAfter: (line) =>
      latest[firstFrom(latest, line + 1, ({ most }) => most)]?.key ?? Number.POSITIVE_INFINITY,
    doneBefore: (t) => done[firstFrom(done, t, ({ key }) => key) - 1]?.most ?? 0,
  };
}

/** With each of them the largest value so far. */
function runningMaxima<T>(things: readonly T[], pairOf: (thing: T) => readonly [number, number]) {
  let most = Number.NEGATIVE_INFINITY;
  return things.map((thing) => {
    const [key, value] = pairOf(thing);
    most = Math.max(most, value);
    return { key, most };
  });
}
