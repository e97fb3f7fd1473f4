import type { Interruption } from '../ports/bus.ts';
import type { ResetReason } from './delivery.ts';

/**
 * Why a hub read the log: hints told of something beyond a gap; somebody attached at a place that this process had not heard of;
 * the bus was interrupted (`reconnect`, or `echo` when it had not heard itself any more); or a regular look found what no hint had
 * told, in the cache of heads or in the log itself (`poll`).
 */
export type RepairCause = 'gap' | 'attach' | Interruption | 'cache' | 'poll';

/**
 * Told of what is rare in a stream and says much about it, for whoever watches the server. It is called in the middle of things:
 * it returns at once and never throws. What a stream does often is measured outside of it, at its ports.
 */
export interface StreamObserver {
  onRepair(cause: RepairCause): void;
  /** A client was told to read something again. */
  onReset(reason: ResetReason): void;
}
