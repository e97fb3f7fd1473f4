import type { Bug, Needs } from './bug.ts';
import { bugsOfLog } from './bugs-of-log.ts';
import { bugsOfSockets } from './bugs-of-sockets.ts';
import { bugsOfStream } from './bugs-of-stream.ts';
import { nodeOptionsOf } from './change.ts';

/** Each of them can be put into a server; none of them is in the product. */
export const bugNames = [
  /** A sender is told before the round is committed. */
  'ack-before-commit',
  /** Others are told before the round is committed. */
  'publish-before-commit',
  /** What a client sends again is another message. */
  'no-nonce-marker',
  /** What a client sends again while the first is still waiting is another message. */
  'no-coalescing',
  /** The place of an event is a number from Redis, and not given by the commit. */
  'ids-from-redis-incr',
  /** A hint behind a gap is taken as it is. */
  'no-gap-repair',
  /** Nobody looks now and then whether a hint was lost. */
  'no-head-poll',
  /** Who begins to listen has read before where the log ends. */
  'head-read-before-subscribe',
  /** A complete cursor names the newest event that is known, and not what was sent. */
  'cursor-newest-seen',
  /** What a client sends again a second later is another message. */
  'dedup-window-1s',
  /** A member who was removed is told of the channel until the row that says so is read. */
  'removal-not-ordered',
  /** What a slow reader has not read waits in memory, without a bound. */
  'unbounded-queue',
  /** A subscription goes on when its client has ended it. */
  'iterator-not-returned',
  /** A round of which nobody knows what became of it is sent again as another one. */
  'blind-retry-of-unknown-outcome',
] as const;
export type BugName = (typeof bugNames)[number];

/** By name. */
export const bugs: Readonly<Record<BugName, Bug>> = { ...bugsOfLog, ...bugsOfStream, ...bugsOfSockets };

export type BugOptions = { readonly nodeOptions: readonly string[]; readonly needs: Needs };

/** How a server or worker is started that has this bug, at every start, and what a run needs to show it. */
export const bugOptions = (name: BugName): BugOptions => ({
  nodeOptions: nodeOptionsOf({ name, ...bugs[name] }),
  needs: bugs[name].needs ?? {},
});
