import type { LoggedMessage, SeenEvent } from '../history.ts';
import type { MessageNode } from './documents.ts';

/** A message, and which of two states of it is the newer one. */
export type Held = { readonly message: LoggedMessage; readonly revision: number };

/** What a frame of `events` tells. Those who are told the same share the object. */
export type Told =
  | { readonly type: 'marker'; readonly isCaughtUp: boolean; readonly cursor: string }
  | {
      readonly type: 'reset';
      readonly channelId: string | null;
      readonly reason: string;
      readonly cursor: string;
    }
  | {
      readonly type: 'event';
      /** Empty for what is in no channel. */
      readonly channelId: string;
      /** 0 for what has no place in the log. */
      readonly seq: number;
      readonly cursor: string;
      /** Several where several people moved. */
      readonly events: readonly SeenEvent[];
      /** The message that it is about, if it is there. */
      readonly held?: Held;
      /** Something of it could not be read just then: which message. */
      readonly isMissing?: string;
      /** Whether this person is in the channel, where that is told. */
      readonly isMember?: boolean;
    }
  /** It cannot be known what was told. */
  | { readonly type: 'broken'; readonly because: string };

type Raw = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly messageId?: string;
  readonly message?: MessageNode | null;
  readonly members?: readonly { readonly readNumber: number | null; readonly user: Person }[];
  readonly memberId?: string;
  readonly member?: { readonly user: Person } | null;
  readonly user?: Person | null;
  readonly by?: Person | null;
  readonly channel?: object | null;
  readonly reason?: string;
};
type Person = { readonly id: string };
type Payload = {
  readonly data?: { readonly events: Raw } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
};

export type EventReader = {
  /** Reads the payload of a `next` frame. */
  read(payload: string): Told;
  /** This member of a channel is that person. */
  know(memberId: string, userId: string): void;
};

/** More than are on their way at once to those who keep up; each of them comes to many devices. */
const rememberedPayloads = 4_000;

/** Who is told the same gets the same bytes: they are taken apart once. */
export function createEventReader(): EventReader {
  const known = new Map<string, Told>();
  const people = new Map<string, string>();
  return {
    read(payload) {
      const found = known.get(payload);
      if (found !== undefined) return found;
      const told = toldIn(JSON.parse(payload), people);
      if (told.type !== 'event' || told.seq === 0) return told;
      known.set(payload, told);
      if (known.size <= rememberedPayloads) return told;
      const [oldest = ''] = known.keys();
      known.delete(oldest);
      return told;
    },
    know: (memberId, userId) => void people.set(memberId, userId),
  };
}

const digitsOfSeq = 11;
/** A message's id ends with its place in the log: a client may not read that, but whoever checks it must know it. */
export const seqOfMessage = (messageId: string): number => Number.parseInt(messageId.slice(-digitsOfSeq), 32);

/** So does the id of an event. */
function seqOfEvent(eventId: string): number {
  const seq = Number(eventId.slice(eventId.lastIndexOf('.') + 1));
  if (!Number.isSafeInteger(seq)) throw new Error(`${eventId} names no place in a log.`);
  return seq;
}

export const heldOf = ({ id, number, revision, text, author }: MessageNode): Held => ({
  message: { messageId: id, seq: seqOfMessage(id), number, authorId: author?.id ?? null, text },
  revision,
});

const kinds: Readonly<Record<string, 'message' | 'edited' | 'deleted' | 'member' | 'positions'>> = {
  MessageSent: 'message',
  MessageEdited: 'edited',
  MessageDeleted: 'deleted',
  MemberAdded: 'member',
  MemberRemoved: 'member',
  PositionsChanged: 'positions',
};
/** They stand in no log. */
const placeless = new Set(['ViewerChannelChanged', 'ViewerChanged', 'ContactChanged', 'PositionsChanged']);

function toldIn({ data, errors }: Payload, people: Map<string, string>): Told {
  const raw = data?.events;
  if (raw === undefined) return { type: 'broken', because: JSON.stringify(errors ?? null) };
  const { __typename: name, cursor, channelId = '' } = raw;
  if (name === 'CaughtUp' || name === 'Checkpoint')
    return { type: 'marker', isCaughtUp: name === 'CaughtUp', cursor };
  if (name === 'SyncReset' || name === 'ViewerReset')
    return { type: 'reset', channelId: raw.channelId ?? null, reason: raw.reason ?? '', cursor };
  const seq = placeless.has(name) ? 0 : seqOfEvent(raw.eventId);
  const place = { type: 'event', channelId, seq, cursor } as const;
  if (name === 'ViewerChannelChanged' && errors === undefined)
    return { ...place, events: [{ type: 'other', name }], isMember: raw.channel !== null };
  if (errors !== undefined)
    return { ...place, events: [{ type: 'other', name }], isMissing: raw.messageId ?? '' };
  const { message } = raw;
  return { ...place, events: eventsIn(raw, people), ...(message && { held: heldOf(message) }) };
}

function eventsIn(raw: Raw, people: Map<string, string>): SeenEvent[] {
  const { __typename: name, message, messageId = '' } = raw;
  switch (kinds[name]) {
    case 'message': {
      if (!message) return [{ type: 'other', name }];
      const { number, text, author } = message;
      return [{ type: 'message', messageId, number, authorId: author?.id ?? '', text }];
    }
    case 'edited':
      return [{ type: 'edited', messageId, text: message?.text ?? null }];
    case 'deleted':
      return [{ type: 'deleted', messageId }];
    case 'member':
      return [memberEventIn(raw, people)];
    case 'positions':
      return (raw.members ?? []).map(({ readNumber, user }) => ({
        type: 'position',
        memberUserId: user.id,
        readNumber,
      }));
    default:
      return [{ type: 'other', name }];
  }
}

/** Who is gone again by now is named by a member's id alone, which stays the same for one person in one channel. */
function memberEventIn(raw: Raw, people: Map<string, string>): SeenEvent {
  if (raw.__typename === 'MemberAdded') {
    const { memberId = '', member } = raw;
    if (member) people.set(memberId, member.user.id);
    return { type: 'added', memberUserId: people.get(memberId) ?? '' };
  }
  const memberUserId = raw.user?.id ?? '';
  return { type: raw.by?.id === memberUserId ? 'left' : 'removed', memberUserId };
}
