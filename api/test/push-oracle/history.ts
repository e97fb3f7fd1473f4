import { type Timeline, timelineOf } from './timeline.ts';

/** What a device may be doing. `idle`: connected, and nobody looks at it. */
export type Activity = 'away' | 'idle' | 'active';
export type Level = 'ALL' | 'REPLIES' | 'NOTHING';
export type Preview = 'FULL' | 'SENDER' | 'NOTHING';

/** What is between a person and a channel. */
export type Seat = {
  readonly isMember: Timeline<boolean>;
  readonly isMuted: Timeline<boolean>;
  readonly isArchived: Timeline<boolean>;
  readonly level: Timeline<Level | null>;
  /** How far they have read, and a device of theirs has confirmed, by number. */
  readonly read: Timeline<number>;
  readonly delivered: Timeline<number>;
};

export type Person = {
  readonly userId: string;
  readonly name: string;
  readonly level: Timeline<Level>;
  readonly mutedReplies: Timeline<boolean>;
  readonly preview: Timeline<Preview>;
  readonly doNotDisturb: Timeline<boolean>;
  readonly quietSeconds: Timeline<number>;
  /** By channel. */
  readonly seats: Map<string, Seat>;
  /** By the other one: whether this person has blocked them. */
  readonly blocks: Map<string, Timeline<boolean>>;
  readonly devices: Device[];
};

export type Device = {
  readonly deviceId: string;
  readonly service: 'WEB' | 'APNS';
  /** As the push service knows it. */
  readonly address: string;
  readonly activity: Timeline<Activity>;
  /** Signed in, with its endpoint. */
  readonly isRegistered: Timeline<boolean>;
};

export type Message = {
  readonly channelId: string;
  readonly number: number;
  readonly seq: number;
  readonly messageId: string;
  readonly authorId: string;
  readonly text: string;
  /** The author of the message that it answers. */
  readonly repliesTo: string | null;
  /** Asked for first, and acknowledged. */
  readonly sentAt: number;
  readonly ackedAt: number;
  readonly isDeleted: Timeline<boolean>;
};

/** What a push service took for a device. */
export type Push = {
  readonly address: string;
  readonly at: number;
  /** What it replaces on the device: the topic or collapse id. */
  readonly slot: string | null;
  readonly note:
    | {
        readonly kind: 'message';
        readonly channelId: string;
        readonly seq: number;
        readonly number: number | undefined;
        readonly names: readonly string[];
        readonly text: string | undefined;
      }
    | { readonly kind: 'clear'; readonly channelId: string; readonly number: number };
};

/** All that happened, as somebody outside saw it. */
export type History = {
  readonly people: readonly Person[];
  readonly messages: readonly Message[];
  readonly pushes: readonly Push[];
  /** While it could not be known who is active: Redis had just lost its memory. */
  readonly blind: readonly { readonly from: number; readonly to: number }[];
  /** When everything had time to be sent. */
  readonly endedAt: number;
};

export const seatOf = (isMember: boolean): Seat => ({
  isMember: timelineOf(isMember),
  isMuted: timelineOf(false),
  isArchived: timelineOf(false),
  level: timelineOf<Level | null>(null),
  read: timelineOf(0),
  delivered: timelineOf(0),
});

export const personOf = (userId: string, name: string): Person => ({
  ...{ userId, name, seats: new Map(), blocks: new Map(), devices: [] },
  level: timelineOf<Level>('ALL'),
  mutedReplies: timelineOf(false),
  preview: timelineOf<Preview>('FULL'),
  doNotDisturb: timelineOf(false),
  quietSeconds: timelineOf(0),
});
