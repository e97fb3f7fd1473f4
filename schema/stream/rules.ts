/**
 * What keeps the promises, each as a switch. Always all on, except in the simulation, which turns one off at a time and must
 * then find a broken promise: a simulation that cannot see a fault proves nothing.
 */
export type StreamRules = {
  /** Two attempts of one nonce in one process share one append. */
  readonly sharesNonces: boolean;
  /** A hint beyond the next `seq` makes the hub read the log, never skip. */
  readonly repairsGaps: boolean;
  /** A hub listens first and reads the head after that. */
  readonly listensFirst: boolean;
  /** A cursor names what was sent, not the newest that is known. */
  readonly namesWhatWasSent: boolean;
  /** A removed member's stream ends at the removal's own place in the log. */
  readonly endsAtRemoval: boolean;
  /** Pending changes of membership go to the log in version order, all of them up to the wanted one. */
  readonly keepsVersionOrder: boolean;
  /** After its own removal a reader looks at the membership again. */
  readonly looksAgain: boolean;
  /** That the viewer's own things changed is news only behind what was read of their feed. */
  readonly comparesOwnThings: boolean;
  /** Of contacts that changed, those are read that belong to the page of the feed, not what has changed since. */
  readonly readsContactsOfPage: boolean;
};

export const allRules: StreamRules = Object.freeze({
  sharesNonces: true,
  repairsGaps: true,
  listensFirst: true,
  namesWhatWasSent: true,
  endsAtRemoval: true,
  keepsVersionOrder: true,
  looksAgain: true,
  comparesOwnThings: true,
  readsContactsOfPage: true,
});
