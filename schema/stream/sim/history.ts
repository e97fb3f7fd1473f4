import type { ChannelId, Seq, UserId } from '../../ids.ts';
import type { Delivery } from '../delivery.ts';
import type { Shown } from './shown.ts';
import type { Logs } from './store.ts';

/** A place in the order in which things happened in the run. */
export type Step = number;

/** A message as its sender sees it. */
export type Sending = {
  readonly userId: UserId;
  readonly device: string;
  readonly channelId: ChannelId;
  readonly nonce: string;
  readonly text: string;
  /** Its place among those that its device sends in order; undefined for one that stands for itself. */
  readonly place: number | undefined;
  readonly firstSentAt: Step;
  readonly acks: { readonly at: Step; readonly generation: number; readonly seq: Seq }[];
  /** The message that it answers. */
  readonly refSeq: Seq | undefined;
  /** Told that the sender is no member. */
  isRefused: boolean;
};

/** What a client read by queries at one moment. */
export type Snapshot = {
  readonly heads: ReadonlyMap<ChannelId, Seq>;
  readonly channels: ReadonlySet<ChannelId>;
  readonly shown: Shown;
};

/** One event on one device. */
export type Received = {
  readonly at: Step;
  readonly atMs: number;
  readonly generation: number;
  readonly delivery: Delivery;
  /** What the client read because of this event. */
  readonly snapshot: Snapshot | undefined;
  /** Of an event about the viewer: what came with it, as it was when it was delivered. */
  readonly shown: Shown | undefined;
};

/** How a subscription began: with all cursors kept, with the newest complete one, behind `syncCursor` and a query, or now. */
export type Beginning = 'all cursors' | 'newest complete' | 'sync' | 'now';

/** One subscription to `events`, or one page of `changes`. */
export type Session = {
  readonly kind: 'events' | 'changes';
  readonly device: string;
  readonly userId: UserId;
  readonly server: string;
  readonly beginning: Beginning;
  readonly openedAt: Step;
  readonly openedAtMs: number;
  readonly snapshot: Snapshot | undefined;
  readonly received: Received[];
  isSlow: boolean;
  isOpen: boolean;
  failure: unknown;
};

/** One subscription to `messageAdded`. */
export type MessageSession = {
  readonly device: string;
  readonly userId: UserId;
  readonly channelId: ChannelId;
  readonly server: string;
  readonly afterNumber: number;
  readonly generation: number;
  readonly received: Received[];
  /** Ended by the server, as for a member who is none any more. */
  hasEnded: boolean;
  isOpen: boolean;
  failure: unknown;
};

/** How far somebody said that they are, acknowledged. */
export type MarkAck = {
  readonly generation: number;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  /** The joining that it was said in. */
  readonly joined: number | undefined;
  readonly read: number | undefined;
  readonly delivered: number | undefined;
};

/** Everything that was observed from outside. */
export type History = {
  readonly sendings: Sending[];
  readonly sessions: Session[];
  readonly messageSessions: MessageSession[];
  readonly marks: MarkAck[];
  /** The logs as they were when the store went back, and the heads it went back to. */
  readonly lost: {
    readonly at: Step;
    readonly logs: Logs;
    readonly heads: ReadonlyMap<ChannelId, Seq>;
    readonly isNewEpoch: boolean;
  }[];
  /** Each call is the next step. */
  step(): Step;
};

export function createHistory(): History {
  let steps = 0;
  return {
    sendings: [],
    sessions: [],
    messageSessions: [],
    marks: [],
    lost: [],
    step() {
      steps += 1;
      return steps;
    },
  };
}
