/** What an answer to a send said. */
export type Acknowledgement = { readonly number: number; readonly at: number };

/** A message that a device wanted to send, and did until it was acknowledged. Times are milliseconds of one clock. */
export type Sent = {
  readonly device: string;
  readonly authorId: string;
  readonly channelId: string;
  readonly nonce: string;
  /** Unlike that of any other message. */
  readonly text: string;
  /** When it was given to the client first; absent while it waits. */
  at?: number;
  acknowledged?: Acknowledgement;
  /** Its socket was lost in between, or was not there, or it had to be repeated. */
  metCut?: boolean;
};

/** What a device did and saw, in order. */
export type Step =
  /** It subscribed, and passed what it kept. */
  | { readonly type: 'subscribed' }
  /** `CaughtUp` or `Checkpoint`. */
  | { readonly type: 'marker' }
  | {
      readonly type: 'message';
      readonly eventId: string;
      readonly channelId: string;
      readonly number: number;
      readonly text: string | null;
    }
  /** Anything else that is durable. */
  | { readonly type: 'other'; readonly eventId: string }
  | { readonly type: 'reset'; readonly what: string };

/**
 * How a device keeps its place; both are correct by the client rule. `every cursor`: it passes all of them, so nothing may
 * come twice. `newest marker`: it passes the newest complete one, so what came after that comes again, and is ignored by its
 * `eventId`.
 */
export type Keeping = 'every cursor' | 'newest marker';

export type DeviceHistory = {
  readonly device: string;
  readonly keeps: Keeping;
  /** The channels it was in from before the first message to the end. */
  readonly channelIds: readonly string[];
  readonly steps: readonly Step[];
  /** It was told `CaughtUp` after the last message was acknowledged. */
  readonly endedCaughtUp: boolean;
};

/** A message as the log has it. `nonce` where the reader may see it. */
export type LogEntry = {
  readonly number: number;
  readonly authorId: string;
  readonly text: string | null;
  readonly nonce?: string;
};
/** Per channel, in the order in which it was read. */
export type Log = ReadonlyMap<string, readonly LogEntry[]>;

/** Everything that a run recorded. */
export type History = {
  readonly sent: readonly Sent[];
  readonly devices: readonly DeviceHistory[];
  /** The log as a member pages through it, and as SQL finds it in the database. */
  readonly byHistory: Log;
  readonly byDatabase: Log;
};
