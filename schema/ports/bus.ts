/** A hint that something happened. May be lost, repeated or reordered; the log and the rows are the truth. */
export interface Bus {
  /** Tells those who listen now; never rejects, never blocks, promises nothing. The payload is plain data and is not changed afterwards. */
  publish(topic: string, payload: BusPayload): void;
  /** Resolves when the subscription is active, so that what is published later is not missed for that reason. The answer ends it; calling it twice is harmless. */
  subscribe(topic: string, onPayload: (payload: BusPayload) => void): Promise<() => void>;
  /** Calls back when hints may have been lost (after a reconnect): whoever depends on them should look at the truth. */
  onInterrupted(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Plain JSON data: the same whether it crossed a process or not. */
export type BusPayload =
  | string
  | number
  | boolean
  | null
  | readonly BusPayload[]
  | { readonly [key: string]: BusPayload };
