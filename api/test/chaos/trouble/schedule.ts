import { createRandom, type Random } from '../../smoke/random.ts';
import type { Span } from './fault.ts';
import { type Stopping, standstillsOf } from './progress.ts';

/** A kind of fault, as far as a plan needs to know it. */
export type Kind = {
  readonly name: string;
  /** A whole number from 1. */
  readonly weight: number;
  readonly lastsMs: Span;
  /** For so long after its end nothing else happens to its target. */
  readonly healsMs: number;
  /** What it can happen to, each with the servers that acknowledge nothing meanwhile. */
  readonly targets: readonly { readonly on: string; readonly stops: readonly string[] }[];
};

/** One fault of a plan: when it begins, counted from the beginning, and how long it lasts. */
export type Planned = Stopping & {
  readonly name: string;
  readonly on: string;
  /** Until then its target is left alone. */
  readonly freeAt: number;
  /** For whatever is left to chance in it. */
  readonly seed: number;
};

export type PlanOptions = {
  readonly seed: number;
  /** No fault begins or ends later. */
  readonly ms: number;
  readonly kinds: readonly Kind[];
  /** All servers. */
  readonly servers: readonly string[];
};

/** Between the beginnings of two faults. */
export const gapMs: Span = { least: 2_000, most: 5_000 };
/** Nothing fits: look again so much later. */
const againMs = 500;
/**
 * The longest time in which no server can acknowledge anything, by the plan: long enough for every timeout of a server and of a client to
 * pass. After it there is room for messages, for at least so long.
 */
export const standstillMs = 12_000;
export const respiteMs = 8_000;
/** How often a length that does not fit is halved. */
const halvings = 4;

/**
 * What happens when, the same for the same seed. A fault begins every 2 to 5 seconds, later only where nothing fits; many last at once, but
 * never two on one target, and never so many that nothing at all goes on for longer than `standstillMs`. Every kind comes once before any
 * comes again; after that each comes as often as its weight before any comes more often.
 */
export function scheduleOf({ seed, ms, kinds, servers }: PlanOptions): readonly Planned[] {
  const random = createRandom(seed);
  const bag = createBag(kinds, random);
  const plan: Planned[] = [];
  const gap = () => between(gapMs, random);
  for (let at = gap(); at < ms; ) {
    const planned = bag.takeFirst((kind) => place(kind, { at, ms, plan, servers, random }));
    if (planned !== undefined) plan.push(planned);
    at += planned === undefined ? againMs : gap();
  }
  return plan;
}

/** Kinds in the order in which their turns come. What finds no place keeps its turn. */
function createBag(kinds: readonly Kind[], random: Random) {
  let isFirst = true;
  const bag: Kind[] = [];
  const mostInBag = 2 * kinds.reduce((sum, { weight }) => sum + weight, 0);
  function fill(): void {
    const more = kinds.flatMap((kind) => Array.from({ length: isFirst ? 1 : kind.weight }, () => kind));
    isFirst = false;
    bag.push(...random.pickSome(more, more.length));
  }
  return {
    takeFirst(placeOf: (kind: Kind) => Planned | undefined): Planned | undefined {
      const tried = new Set<Kind>();
      for (let nth = 0; ; nth += 1) {
        if (nth === bag.length && bag.length < mostInBag) fill();
        const kind = bag[nth];
        if (kind === undefined) return undefined;
        if (tried.has(kind)) continue;
        tried.add(kind);
        const planned = placeOf(kind);
        if (planned === undefined) continue;
        bag.splice(nth, 1);
        return planned;
      }
    },
  };
}

type Place = Pick<PlanOptions, 'ms' | 'servers'> & {
  readonly at: number;
  readonly plan: readonly Planned[];
  readonly random: Random;
};

/** The first of its targets, in any order, where it fits, for as long as was drawn or, where only that fits, for less. */
function place({ name, lastsMs, healsMs, targets }: Kind, where: Place): Planned | undefined {
  const { at, ms, plan, random } = where;
  const seed = random.below(2 ** 32);
  const drawn = Math.min(drawLength(lastsMs, random), ms - at);
  const free = targets.filter(({ on }) => plan.every((other) => other.on !== on || other.freeAt <= at));
  for (const { on, stops } of random.pickSome(free, free.length)) {
    for (let halved = 0; halved <= halvings; halved += 1) {
      const length = Math.round(drawn / 2 ** halved);
      if (length < lastsMs.least) break;
      const until = at + length;
      const planned = { name, on, at, until, freeAt: until + healsMs, stops, seed };
      if (goesOn(planned, where)) return planned;
    }
  }
  return undefined;
}

function goesOn(planned: Planned, { plan, servers }: Place): boolean {
  if (planned.stops.length === 0) return true;
  // What ended before the longest standstill and its respite cannot be part of one that this fault is in.
  const near = plan.filter(({ until }) => until > planned.at - 2 * (standstillMs + respiteMs));
  return standstillsOf([...near, planned], servers, respiteMs).every(
    ({ from, to }) => to - from <= standstillMs,
  );
}

const between = ({ least, most }: Span, random: Random) => least + random.below(most - least + 1);

/** Half of them anything in between alike, half of them rather short: otherwise hardly any would be over before somebody noticed. */
function drawLength({ least, most }: Span, random: Random): number {
  const share = random.next();
  const isAlike = random.next() < 0.5;
  return Math.round(isAlike ? least + share * (most - least) : least * (most / least) ** share);
}
