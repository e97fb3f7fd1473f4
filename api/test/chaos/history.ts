/**
 * What a fault run writes down, as JSON lines in the order in which they happened. `t` is milliseconds of one monotonic clock, that of the
 * load process, which plays all people. Whoever checks it needs nothing else.
 */
export type Line =
  | Invoked
  | Answered
  | Subscribed
  | Gone
  | Delivered
  | Marked
  | Reset
  | Page
  | Pushed
  | Presence
  | FaultLine
  | Healed
  | Measured
  | Found
  | Looked
  | Rested;

type At = { readonly t: number };
/** The nth thing that any client asked of a server; the same number in its answer. A retry is the same `op`, told again. */
type Op = At & { readonly op: number };

/** A client asks for something, or asks again (`attempt` grows). Names of devices, ids of everything else. */
export type Invoked = Op & {
  readonly kind: 'invoke';
  readonly attempt: number;
  readonly device: string;
  readonly userId: string;
  readonly what: Wanted;
};
export type Wanted =
  | { readonly type: 'send'; readonly channelId: string; readonly nonce: string; readonly text: string }
  | { readonly type: 'edit'; readonly channelId: string; readonly messageId: string; readonly text: string }
  | { readonly type: 'delete'; readonly channelId: string; readonly messageId: string }
  | { readonly type: 'read'; readonly channelId: string; readonly number: number }
  | { readonly type: 'mute' | 'unmute'; readonly channelId: string }
  | { readonly type: 'remove' | 'add'; readonly channelId: string; readonly memberId: string }
  | { readonly type: 'leave'; readonly channelId: string }
  | { readonly type: 'block' | 'unblock'; readonly otherId: string }
  /** The session of this device, or of another one, ends; or it signs in anew. */
  | { readonly type: 'revoke'; readonly ofDevice: string }
  | { readonly type: 'signIn' };

/**
 * `ok`: done. `unknown`: nobody knows whether it was done; it is asked again, or never (then it may have been done or not). `fail`: refused,
 * and not done.
 */
export type Answered = Op & { readonly device: string } & (
    | {
        readonly kind: 'ok';
        /** Of a send. */
        readonly message?: { readonly id: string; readonly seq: number; readonly number: number };
        /** Of everything that changes a channel: the place of its event, where the answer says it. */
        readonly seq?: number;
        readonly isRepeated?: boolean;
      }
    | { readonly kind: 'unknown'; readonly because: string }
    | { readonly kind: 'fail'; readonly code: string }
  );

/**
 * A device subscribes to `events` for the nth time, with the place that it holds in each channel: that of the newest event before which it
 * holds everything. Empty at its first time, and after a reset.
 */
export type Subscribed = At & {
  readonly kind: 'subscribe';
  readonly device: string;
  readonly userId: string;
  readonly attempt: number;
  readonly held: Readonly<Record<string, number>>;
};

/** A device has no subscription any more, until it subscribes again: it ended that itself, or noticed its end, which may be later than it was. */
export type Gone = At & {
  readonly kind: 'gone';
  readonly device: string;
  readonly attempt: number;
  readonly because: string;
};

/** An event of a channel came to a device, in this subscription. */
export type Delivered = At & {
  readonly kind: 'delivery';
  readonly device: string;
  readonly userId: string;
  readonly attempt: number;
  readonly channelId: string;
  readonly seq: number;
  readonly cursor: string;
  readonly event: SeenEvent;
};
export type SeenEvent =
  | {
      readonly type: 'message';
      readonly messageId: string;
      readonly number: number;
      readonly authorId: string;
      readonly text: string | null;
    }
  | { readonly type: 'edited'; readonly messageId: string; readonly text: string | null }
  | { readonly type: 'deleted'; readonly messageId: string }
  | { readonly type: 'added' | 'removed' | 'left'; readonly memberUserId: string }
  /** Read or delivered positions; they have no place in the log: `seq` is 0. `number` is of the member. */
  | { readonly type: 'position'; readonly memberUserId: string; readonly readNumber: number | null }
  | { readonly type: 'other'; readonly name: string };

/** `CaughtUp` or `Checkpoint`: everything up to here has come. */
export type Marked = At & {
  readonly kind: 'marker';
  readonly device: string;
  readonly attempt: number;
  readonly isCaughtUp: boolean;
};
/** `SyncReset`: the device forgets these channels (null: all), and is to read them anew. */
export type Reset = At & {
  readonly kind: 'reset';
  readonly device: string;
  readonly attempt: number;
  readonly channelId: string | null;
  readonly reason: string;
};

/** A page of the history of a channel, as it was answered. Ascending. */
export type Page = At & {
  readonly kind: 'page';
  readonly device: string;
  readonly userId: string;
  readonly invokedAt: number;
  readonly channelId: string;
  readonly messages: readonly LoggedMessage[];
};
export type LoggedMessage = {
  readonly messageId: string;
  readonly seq: number;
  readonly number: number;
  readonly authorId: string | null;
  readonly text: string | null;
};

/** A push service took a note for a device. */
export type Pushed = At & {
  readonly kind: 'push';
  readonly device: string;
  readonly userId: string;
  readonly note:
    | { readonly type: 'message'; readonly channelId: string; readonly seq: number; readonly number: number }
    | { readonly type: 'clear'; readonly channelId: string; readonly number: number };
};
/** A device is told whether somebody is there. */
export type Presence = At & {
  readonly kind: 'presence';
  readonly device: string;
  readonly ofUserId: string;
  readonly state: 'ONLINE' | 'IDLE' | 'OFFLINE';
};

/**
 * Something is about to be broken: `name` of the kind of fault, `on` what it happens to. The same number when it is whole again, with what
 * was done in `detail`, which is often known only then.
 */
export type FaultLine = At & {
  readonly kind: 'fault';
  readonly fault: number;
  readonly name: string;
  readonly on: string;
  readonly detail?: string;
};
export type Healed = At & { readonly kind: 'heal'; readonly fault: number; readonly detail?: string };

/** What a process held, at rest before the run (`baseline`) and after it (`final`). `values` by name: heapBytes, handles, sockets … */
export type Measured = At & {
  readonly kind: 'resources';
  readonly process: string;
  readonly moment: 'baseline' | 'final';
  readonly values: Readonly<Record<string, number>>;
};

/** At the end: a channel, read whole; by a member, page by page, or straight from the store. Events ascending, without a gap. */
export type Found = At & {
  readonly kind: 'found';
  readonly source: 'history' | 'store';
  readonly channelId: string;
  readonly messages: readonly (LoggedMessage & { readonly nonce?: string })[];
  /** Of the store alone: who came and went, by place. */
  readonly memberships?: readonly {
    readonly seq: number;
    readonly userId: string;
    readonly change: 'joined' | 'gone';
  }[];
  readonly headSeq?: number;
  /** Of the store alone: how many events it has, of every kind. Without a hole they are as many as the last one's place says. */
  readonly eventCount?: number;
  readonly epoch?: number;
  /** Of a history: who read it; absent for somebody who was there from the beginning, and sees all of it. */
  readonly userId?: string;
};

/** At the end: what a person is shown of their channels. */
export type Looked = At & {
  readonly kind: 'look';
  readonly userId: string;
  readonly unreadCount: number;
  readonly channels: readonly {
    readonly channelId: string;
    readonly unreadCount: number;
    readonly readNumber: number;
    readonly isMuted: boolean;
  }[];
};

/** A device ended caught up, with this fold of everything that it was told: by channel its messages, as it would show them. */
export type Rested = At & {
  readonly kind: 'rest';
  readonly device: string;
  readonly userId: string;
  readonly channels: Readonly<Record<string, readonly LoggedMessage[]>>;
};
