import type { Placed, Step } from './history.ts';

type Member = Placed & { readonly id: string };

/** What an event says, as far as it is asked for. */
export type Event = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly message?: {
    readonly number: number;
    readonly text: string | null;
    readonly author: { readonly id: string } | null;
  } | null;
  readonly members?: readonly Member[];
  readonly memberId?: string;
};

/** As an app asks that shows counts and ticks. */
export const eventsDocument = `subscription Events($after: [Cursor!]) {
  events(after: $after) {
    __typename
    eventId
    cursor
    ... on ChannelEvent { channelId }
    ... on MessageSent { message { id number text author { id } } }
    ... on MessageEdited { message { id number revision text } }
    ... on MessageDeleted { revision message { id number author { id } } }
    ... on PositionsChanged { members { id readNumber deliveredNumber } }
    ... on MemberAdded { memberId member { id readNumber deliveredNumber } }
    ... on MemberRemoved { memberId user { id } }
    ... on ViewerChannelChanged {
      channel { id viewerState { id unreadCount countedToNumber countedToRevision isMarkedUnread } }
    }
  }
}`;

const memberChanges = { MemberAdded: 'added', MemberRemoved: 'removed' } as const;
const isMemberChange = (name: string): name is keyof typeof memberChanges =>
  Object.hasOwn(memberChanges, name);

/** The `eventId` of what is in a log ends with its place: a client may not read that, but a judge must know it. */
function seqIn(eventId: string): number {
  const seq = Number(eventId.split('.').at(-1));
  if (!Number.isSafeInteger(seq)) throw new Error(`${eventId} names no place in a log.`);
  return seq;
}

/** What is recorded of an event. Throws when it says something that is not in the schema. */
export function stepOf({ __typename, eventId, channelId, message, members, memberId }: Event): Step {
  if (__typename === 'Checkpoint' || __typename === 'CaughtUp') return { type: 'marker' };
  if (__typename.endsWith('Reset')) return { type: 'reset', what: __typename };
  if (channelId === undefined || __typename === 'ViewerChannelChanged') return { type: 'other' };
  if (__typename === 'PositionsChanged') {
    const places = (members ?? []).map(({ id, ...placed }) => ({ memberId: id, ...placed }));
    return { type: 'positions', channelId, places };
  }
  const place = { eventId, channelId, seq: seqIn(eventId) };
  if (isMemberChange(__typename)) {
    if (memberId === undefined) throw new Error(`A \`${__typename}\` came without its member.`);
    return { type: 'member', ...place, change: memberChanges[__typename], memberId };
  }
  if (__typename !== 'MessageSent') return { type: 'logged', ...place };
  if (!message) throw new Error('A `MessageSent` came without its message.');
  const { number, text, author } = message;
  return { type: 'message', ...place, number, text, authorId: author?.id ?? null };
}
