import type { Line } from '../history.ts';

/** Where a server is reached. */
export type Endpoint = { readonly httpUrl: string; readonly socketUrl: string };

/** From the smaller to the larger one, both included. */
export type Range = { readonly least: number; readonly most: number };

/** How many play, and how much each of them does. */
export type Size = {
  readonly people: number;
  /** Of one person at once. */
  readonly devices: Range;
  /** The first one is hot: three of ten messages are said there. */
  readonly channels: number;
  /** So many of the channels are of two people, where a block is felt. */
  readonly directs: number;
  /** Of a group. The hot one has the most. */
  readonly members: Range;
  /** What a device waits between the answer to a message and the next one. */
  readonly thinkMs: Range;
  /** What a person waits between two of the other things that they do. */
  readonly deedMs: Range;
  /** What the owner of a group waits between two changes of who is in it. */
  readonly doorMs: Range;
};

/** The size of a run of some minutes. */
export const usualSize: Size = {
  people: 60,
  devices: { least: 1, most: 3 },
  channels: 40,
  directs: 4,
  members: { least: 3, most: 20 },
  thinkMs: { least: 50, most: 450 },
  deedMs: { least: 1_000, most: 5_000 },
  doorMs: { least: 3_000, most: 12_000 },
};

/** Settings of a server that everybody here may use as much as they do, all from one address. */
export const loadSettings = {
  SIGN_UPS_PER_ADDRESS: '1000000',
  SIGN_IN_TRIES: '1000',
  SIGN_IN_TRIES_PER_ADDRESS: '1000000',
  SIGN_IN_TRIES_PER_ACCOUNT: '1000000',
  FIELDS_PER_MINUTE: '1000000000',
  FIELDS_PER_MINUTE_PER_ADDRESS: '1000000000',
  MESSAGES_PER_MINUTE: '1000000',
  PEOPLE_PER_HOUR: '1000000',
  CHANGES_PER_MINUTE: '1000000',
  SOCKETS_PER_ADDRESS: '10000',
  SOCKETS_PER_USER: '1000',
  PENDING_SOCKETS_PER_ADDRESS: '10000',
  SOCKETS_PER_SECOND: '10000',
} as const;

/** What a browser hands to its page, for `registerPushEndpoint`. */
export type PushSubscription = { readonly url: string; readonly p256dh: string; readonly auth: string };

export type LoadOptions = {
  /** A device takes one of them, and another one when that fails. */
  readonly endpoints: readonly Endpoint[];
  readonly seed: number;
  /** What is left out is as usual. */
  readonly size?: Partial<Size>;
  /** Told every line, with its time, in the order in which things happened. */
  readonly write: (line: Line) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** The run is given up: everything ends as fast as it can. */
  readonly signal: AbortSignal;
  readonly onProgress: (words: string) => void;
  /** A push service where each device gets a place of its own; absent: nobody is woken. */
  readonly push?: { subscribe(): PushSubscription };
};

/** So many things have happened since the beginning. */
export type LoadCounts = {
  /** Messages that were acknowledged. */
  readonly acked: number;
  /** Messages that came to devices, repeats too. */
  readonly delivered: number;
  /** Everything else that was asked for and done. */
  readonly done: number;
  readonly refused: number;
  /** Attempts of which nobody knows what became of them. */
  readonly unknown: number;
  readonly pages: number;
  /** Sockets that were opened. */
  readonly sockets: number;
  readonly resets: number;
};

/** Everybody who plays, and what they are told to do. */
export type Load = {
  /** They begin. */
  start(): void;
  acked(): number;
  counts(): LoadCounts;
  /** Devices that are connected and subscribed now. */
  connections(): number;
  /** Devices that are signed in now. */
  devices(): number;
  /** Whose place at the push service this is; undefined when it is none of this load. */
  deviceOfEndpoint(url: string): { readonly device: string; readonly userId: string } | undefined;
  /** What was unexpected so far. */
  problems(): readonly string[];
  /** Devices that have read slowly at times, or not at all, although they were connected: what they saw late may have been sent in time. */
  slowReaders(): ReadonlySet<string>;

  /** Resets the connections of so many devices. Answers how many there were. */
  resetSome(count: number): number;
  /** For so long nothing gets through to or from so many devices, whose sockets stay; they notice by themselves, or it is over before. */
  halfOpenSome(count: number, ms: number): number;
  /** For so long so many devices read no faster than that. */
  slow(count: number, bytesPerSecond: number, ms: number): number;
  /** All connections are reset at once, and all devices come back at once. */
  stormAll(): number;

  /**
   * Nobody begins anything new. Resolves when everything that was begun is answered, or can never be asked again by its device, which was
   * signed out. Rejects after two minutes, and says who waits for what.
   */
  stop(): Promise<void>;
  /**
   * After `stop`: everybody connects anew, and resolves when all have caught up and hold what they should; when not all do that within a
   * minute, it resolves as well if they are caught up: what is missing is for the checker to find. Rejects when somebody cannot catch up.
   */
  settle(): Promise<void>;
  /**
   * After `settle`: reads every channel whole, looks what each person is shown, and writes what each device holds. Rejects when all of that
   * is written, if anything unexpected has happened since the beginning.
   */
  finish(): Promise<void>;
  /** Everything ends at once. */
  close(): Promise<void>;
};
