import type { Person, Seeded } from './seed-people.ts';

/** What a load client needs to know. */
export type Loading = {
  readonly socketUrl: string;
  readonly httpUrl: string;
  readonly people: readonly Person[];
  /** Something was refused or lost: the figures are worth nothing. */
  readonly onProblem: (words: string) => void;
};

/** A load on a server: a closed loop, so it asks for as much as the server gives. */
export type Load = {
  start(): void;
  /** How many there have been since the start. */
  operations(): number;
  /** Milliseconds that operations took, since this was asked last. */
  takeTimes(): number[];
  close(): Promise<void>;
};

export type Scenario = {
  readonly name: string;
  readonly people: number;
  /** Members of each group by index. */
  readonly groups: readonly (readonly number[])[];
  /** For the report. */
  readonly load: { readonly sockets: number; readonly window: number; readonly subscribers: number };
  /** What is there besides people and groups before the server starts. */
  seed?(seeded: Seeded): Promise<void>;
  open(loading: Loading): Promise<Load>;
  /** How long Node takes to compile what it needs, where that is longer than usual. */
  readonly warmUpSeconds?: number;
  /** Something to be found out besides, after the runs. For the report. */
  look?(loading: Loading): Promise<object>;
};
