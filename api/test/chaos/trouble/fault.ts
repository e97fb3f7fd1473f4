import type { Random } from '../../smoke/random.ts';
import type { Load } from '../load/options.ts';
import type { ChaosStage } from '../stage.ts';

/** From the smaller to the larger one, both included. */
export type Span = { readonly least: number; readonly most: number };

/** What a fault gets to break. */
export type FaultContext = {
  readonly stage: ChaosStage;
  readonly load: Load;
  /** Of this occurrence alone: whatever it draws, the others draw the same as before. */
  readonly random: Random;
  /** The run is over: what waits for something ends at once. It is healed all the same. */
  readonly signal: AbortSignal;
  /** The one of its targets that it happens to. */
  readonly on: string;
  /** How long it is going to last, for what is told so beforehand; it is healed then anyway. */
  readonly lastsMs: number;
};

/** It is broken now. */
export type Begun = {
  /** What exactly was done, for whoever reads the lines: the kind of a link's conditions, the size of a heap. */
  readonly detail?: string;
  /** Resolves when it is to be healed before its time: a process that was to crash has crashed. */
  readonly isOver?: Promise<unknown>;
  /**
   * Makes it whole, and resolves when it is: a process is ready, an engine answers. May be called while the run is given up. Resolves with
   * what came of it, if that was not clear in the beginning. Rejects with a sentence when it does not become whole again.
   */
  heal(): Promise<string | undefined> | Promise<void>;
};

/** One kind of thing that goes wrong. */
export type Fault = {
  /** Unique, as it stands in the lines and behind `--faults`: `server-kill`, `redis-flush`. */
  readonly name: string;
  /** How often it comes, beside the others: a whole number from 1. Each kind comes once before any comes again. */
  readonly weight: number;
  /** Whether this stage, and this machine, have what it needs. */
  isPossible(stage: ChaosStage): boolean;
  /**
   * What it can happen to. `server-1`, `worker-2`, `redis`, `postgres`, `cassandra`; a link as `server-1→redis`; `clients`. Each time it is one
   * of them, to which no other fault happens meanwhile. A fault of an engine's disk is one of the engine.
   */
  targets(stage: ChaosStage): readonly string[];
  /** How long it may last, in milliseconds; without it, as long as any. */
  readonly lastsMs?: Span;
  /** About how long it takes to heal, in milliseconds, if that is more than a server takes to start. Its target is left alone meanwhile. */
  readonly healsMs?: number;
  /** Messages are acknowledged all the same through what it happens to, if later; so any number of these may come together. */
  readonly isMild?: true;
  /** Breaks it, and resolves when it is broken. When it rejects, it has broken nothing. */
  begin(context: FaultContext): Promise<Begun>;
};

/** No fault is shorter or longer than that unless it says so. */
export const usualSpan: Span = { least: 200, most: 30_000 };
