import type { BusPayload } from './bus.ts';

/** A process that says nothing for so long is dead, in milliseconds; it speaks three times as often. */
export const leaseMs = 10_000;
export const renewMs = 3_000;
/** So often each process looks for dead ones, in milliseconds. */
export const reapMs = 3_000;
/** What a dead process held stands for so long after somebody has found that out, in milliseconds: its clients may be back by then. */
export const graceMs = 10_000;

/** What a process says under a key, as long as it lives. */
export type Said = {
  /** Which of several things under one key: a device, for example. */
  readonly entry: string;
  /** Plain data. */
  readonly value: BusPayload;
  /** When it runs out by itself, in milliseconds since 1970; undefined: with its process. */
  readonly until?: number | undefined;
};

/** Something that was said, and by which process. */
export type Claim = Said & { readonly holder: string };

export type Claimed = {
  /** Those that stand now, in no order. */
  readonly claims: readonly Claim[];
  /**
   * When a claim under this key was made, changed, dropped, or ran out last, in milliseconds since 1970. Grows with each of
   * these, whatever the clocks of processes say. Undefined when that is not remembered: nothing stands then, nor did for minutes.
   */
  readonly changedAt: number | undefined;
};

/**
 * A claim of a process that has died, `from`. It stands on until the time it names, which may be over. Whoever was handed it drops
 * it when all that follows is done.
 */
export type Orphan = {
  readonly key: string;
  readonly entry: string;
  /** What the dead process had said last. */
  readonly value: BusPayload;
  readonly from: string;
  readonly until: number;
};

/** The store behind the leases does not answer: nobody can tell now what is claimed. */
export class LeasesAwayError extends Error {
  override readonly name = 'LeasesAwayError';
}

/**
 * Claims that expire: who is connected where, which servers run. Each process has one lease, and all that it claims stands as long
 * as that is renewed. Never a counter, which nobody would set right after a crash. State, not truth: all of it may be lost at once,
 * and each process then claims again what it holds. A method rejects with `LeasesAwayError` while the store behind it does not answer; what it
 * was to do may have been done or not, and is to be repeated. Nobody is taken for dead for what the store did not hear in that time.
 */
export interface Leases {
  /** This process, unlike any other, before or after it. */
  readonly holder: string;
  /**
   * Sets an entry of this process under a key; what it claimed there before is replaced. Resolves when others can see it, with what
   * stood under the key until then: nothing came in between, so that of several who claim one at most sees what all made of it. After
   * `until` nobody sees it any more, and it is to be dropped.
   */
  claim(key: string, said: Said): Promise<readonly Claim[]>;
  /** The entry of this process is no more; or that of a dead process, `from`, which was handed to it. */
  drop(key: string, entry: string, from?: string): Promise<void>;
  /** What is claimed under these keys (at most 1,000), by whatever process. Every asked key is in the answer. */
  of(keys: readonly string[]): Promise<ReadonlyMap<string, Claimed>>;
  /**
   * Calls back with what dead processes had claimed and not dropped, whether it has run out meanwhile or not: every claim is handed to
   * one of the survivors, which holds it from then on, for `graceMs` or until its own time if that is earlier. If that survivor dies
   * before it has dropped it, it is handed to another.
   */
  onOrphaned(listener: (orphans: readonly Orphan[]) => void): () => void;
  /**
   * Calls back when this process was taken for dead and is not: it stood still for too long, or the store forgot it. What it had
   * claimed is others' or nobody's now; what it still holds it claims again.
   */
  onLost(listener: () => void): () => void;
  /** The lease ends: what is still claimed is handed to a survivor at once, as if the process had died long ago. */
  close(): Promise<void>;
}
