/** What an answer to a send said. */
export type Acknowledgement = { readonly number: number; readonly at: number; readonly messageId?: string };

/** A message that a device wanted to send, and did until it was acknowledged. Times are milliseconds of one clock. */
export type Sent = {
  readonly device: string;
  readonly authorId: string;
  readonly channelId: string;
  readonly nonce: string;
  /** Unlike that of any other message. */
  readonly text: string;
  /** What its author makes of it as soon as it is acknowledged, until that is answered, too. */
  readonly becomes?: 'edited' | 'deleted' | undefined;
  /** When it was given to the client first; absent while it waits. */
  at?: number;
  acknowledged?: Acknowledgement;
  /** Its socket was lost in between, or was not there, or it had to be repeated. */
  metCut?: boolean;
};

export const editedTextOf = ({ text }: Pick<Sent, 'text'>) => `${text}, edited`;
/** What it says in the end; null when it is gone. */
export function lastTextOf(sent: Pick<Sent, 'text' | 'becomes'>): string | null {
  if (sent.becomes === 'deleted') return null;
  return sent.becomes === 'edited' ? editedTextOf(sent) : sent.text;
}

/** How far somebody is said to be; null where that is not said. */
export type Placed = { readonly readNumber: number | null; readonly deliveredNumber: number | null };

/** The event stands at this place in the log of a channel. */
type InLog = { readonly eventId: string; readonly channelId: string; readonly seq: number };

/** What a device did and saw, in order. */
export type Step =
  /** It subscribed, and passed what it kept. */
  | { readonly type: 'subscribed' }
  /** It said that it holds what it keeps. */
  | { readonly type: 'acknowledged' }
  /** `CaughtUp` or `Checkpoint`. */
  | { readonly type: 'marker' }
  | (InLog & {
      readonly type: 'message';
      readonly number: number;
      readonly authorId: string | null;
      readonly text: string | null;
    })
  | (InLog & { readonly type: 'member'; readonly change: 'added' | 'removed'; readonly memberId: string })
  /** Anything else that is in a log. */
  | (InLog & { readonly type: 'logged' })
  /** `PositionsChanged`. */
  | {
      readonly type: 'positions';
      readonly channelId: string;
      readonly places: readonly (Placed & { readonly memberId: string })[];
    }
  /** Anything else that is durable. */
  | { readonly type: 'other' }
  | { readonly type: 'reset'; readonly what: string };

/**
 * How a device keeps its place; both are correct by the client rule. `every cursor`: it passes all of them, so nothing may
 * come twice. `newest marker`: it passes the newest complete one, so what came after that comes again, and is ignored by its
 * `eventId`.
 */
export type Keeping = 'every cursor' | 'newest marker';

export type DeviceHistory = {
  readonly device: string;
  readonly userId: string;
  readonly keeps: Keeping;
  readonly steps: readonly Step[];
  /** It was told `CaughtUp` after the last message was acknowledged. */
  readonly endedCaughtUp: boolean;
};

/** A message as the log has it. `nonce` where the reader may see it. */
export type LogEntry = {
  readonly number: number;
  readonly authorId: string;
  /** As it is now; null when it was deleted. */
  readonly text: string | null;
  readonly nonce?: string;
};
/** Per channel, in the order in which it was read. */
export type Log = ReadonlyMap<string, readonly LogEntry[]>;

/** From a joining, which had this place in the log, to the leaving; that is null for who is there at the end. */
export type Stay = {
  readonly channelId: string;
  readonly userId: string;
  readonly memberId: string;
  readonly joinedSeq: number;
  /** How many messages the channel had at the joining. */
  readonly joinedNumber: number;
  readonly leftSeq: number | null;
  readonly leftNumber: number | null;
};

/** Somebody and a channel. */
export type Seat = { readonly userId: string; readonly channelId: string };
/** They said that they have read up to here. */
export type Mark = Seat & { readonly number: number };

/** What somebody is shown of their channels at the end: their own state there, and how far everybody is. */
export type Look = {
  readonly userId: string;
  readonly unreadCount: number;
  readonly channels: readonly {
    readonly channelId: string;
    readonly unreadCount: number;
    readonly isMarkedUnread: boolean;
    readonly members: readonly (Placed & { readonly userId: string })[];
  }[];
};

/** Everything that a run recorded. */
export type History = {
  readonly sent: readonly Sent[];
  readonly devices: readonly DeviceHistory[];
  /** The log as a member pages through it, and as SQL finds it in the database. */
  readonly byHistory: Log;
  readonly byDatabase: Log;
  /** Who was where, as SQL finds it in the log. */
  readonly stays: readonly Stay[];
  readonly marks: readonly Mark[];
  /** Where somebody has muted or archived a channel, and where they marked it to come back to. */
  readonly aside: readonly Seat[];
  readonly markedUnread: readonly Seat[];
  readonly looks: readonly Look[];
};
