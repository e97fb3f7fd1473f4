/** How far something has come that only grows: the log of a channel, the positions in it, the feed of a person. */
export type Mark = { readonly epoch: number; readonly at: number };

/**
 * Remembers for a while how far places have come, so that a hint which was lost is soon made up for. It holds no authority: it may
 * forget, be late, and be wrong. Whoever finds a mark there that is ahead of what they know looks at the truth, and only believes that.
 */
export interface HeadCache {
  /** Called after the commit. Others find it soon; a mark behind the one that is remembered changes nothing. Never rejects, never blocks. */
  note(place: string, mark: Mark): void;
  /** What is remembered of these places, in a few reads however many they are; nothing of those of which it knows nothing. Never rejects. */
  newest(places: readonly string[]): Promise<ReadonlyMap<string, Mark>>;
  close(): Promise<void>;
}

/** Whether the first is further. A newer epoch is, wherever it has come to. */
export const isAhead = (one: Mark, other: Mark): boolean =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.at > other.at);
