/** A hint that something happened. May be lost, repeated or reordered; the log and the rows are the truth. */
export interface Bus {
  /** Tells those who listen now; never rejects, never blocks, promises nothing. The payload is plain data and is not changed afterwards. */
  publish(topic: string, payload: BusPayload): void;
  /**
   * Resolves when the subscription is active, so that what is published later is not missed for that reason. While the bus is
   * interrupted it resolves soon all the same: the call of `onInterrupted` that says when it is over counts for it, too. The answer
   * ends it; calling it twice is harmless.
   */
  subscribe(topic: string, onPayload: (payload: BusPayload) => void): Promise<() => void>;
  /** Calls back when hints may have been lost, and are heard again from now on: whoever depends on them should look at the truth. */
  onInterrupted(listener: (how: Interruption) => void): () => void;
  close(): Promise<void>;
}

/** The bus hears again: its connection broke, or was slow to listen (`reconnect`); or it did not hear its own voice any more, and connected anew (`echo`). */
export type Interruption = 'reconnect' | 'echo';

/** Plain JSON data: the same whether it crossed a process or not. */
export type BusPayload =
  | string
  | number
  | boolean
  | null
  | readonly BusPayload[]
  | { readonly [key: string]: BusPayload };

/** Told how a bus between processes fares, for whoever watches the server. Called in the middle of things: it returns at once and never throws. */
export interface BusObserver {
  /** So many topics are subscribed to by this process now, however many listen to each. */
  onTopics(count: number): void;
  /** One command asked for so many of them. */
  onSubscribe(count: number): void;
  /** A payload was not taken: another release wrote it, or nobody of ours did. */
  onDropped(why: string): void;
  /** So many hints were not published, or perhaps were: only this process has heard them for certain. */
  onUnpublished(count: number): void;
  onInterrupted(how: Interruption): void;
  /** How long this process waited for its own voice, in milliseconds. */
  onEcho(ms: number): void;
}
