/** What is wrong with a network. Nothing is, where nothing is said. */
export type Conditions = {
  /** Everything arrives so much later, in its order. */
  readonly latencyMs?: number;
  /** And at random up to so much later again; what comes behind waits, so the order is kept. */
  readonly jitterMs?: number;
  /** More than 0. For each connection and each direction on its own, as if it were alone. */
  readonly bytesPerSecond?: number;
  /**
   * Nothing arrives, not even an end or a reset, as when packets are lost: on the way to the server, on the way to the client, or both
   * (half-open). Whoever connects meanwhile hears nothing and reaches nobody. What is said is kept as TCP would keep it, up to 1 MB in each
   * direction, and arrives in order when the network heals.
   */
  readonly silent?: 'up' | 'down' | 'both';
  /** Who connects is refused; the living connections go on. */
  readonly refuses?: true;
  /**
   * Each connection is reset on both sides when so many more bytes have gone towards the client, also in the middle of a frame. What
   * connects later is counted from its beginning. Nothing behind them arrives; the last of them may get lost, as before any reset, where
   * the client reads late.
   */
  readonly cutAfterBytes?: number;
};

/** Towards the server, or towards the client. */
export type Direction = 'up' | 'down';

/** What they mean for one direction of one connection. */
export type LaneConditions = {
  readonly latencyMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
  readonly isSilent: boolean;
  readonly cutAfterBytes: number;
};

export function laneConditions(conditions: Conditions, direction: Direction): LaneConditions {
  const { latencyMs = 0, jitterMs = 0, bytesPerSecond = Infinity, silent, cutAfterBytes } = conditions;
  return {
    latencyMs,
    jitterMs,
    bytesPerSecond,
    isSilent: silent === direction || silent === 'both',
    cutAfterBytes: direction === 'down' ? (cutAfterBytes ?? Infinity) : Infinity,
  };
}

/** Whether bytes go through as they come. */
export const isPlain = (lane: LaneConditions) =>
  !lane.isSilent &&
  lane.latencyMs === 0 &&
  lane.jitterMs === 0 &&
  lane.bytesPerSecond === Infinity &&
  lane.cutAfterBytes === Infinity;
