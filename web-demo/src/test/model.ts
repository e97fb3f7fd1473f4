import type {
  ChannelEntryFragment,
  ChannelFieldsFragment,
  MemberFieldsFragment,
  MessageFieldsFragment,
  PersonFieldsFragment,
} from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';

export const me = 'user-me';
export const channelId = 'channel-1';
const at = '2026-01-01T00:00:00.000Z';

const personOf = (name: string): PersonFieldsFragment => ({
  __typename: 'User',
  id: `user-${name}`,
  handle: name,
  displayName: name,
  colour: '#5a4fcf',
});
const allowed = {
  __typename: 'Verdict',
  isAllowed: true,
  code: null,
  explanation: null,
  until: null,
} as const;

/** Makes an event as the server sends it: what is in it is as of when it is sent. */
export type Telling = () => ChatEvent;

/** One channel as a server would have it, counted the plain way, and the events that it would send. */
export function createModel() {
  const messages: MessageFieldsFragment[] = [];
  const members = new Map<string, MemberFieldsFragment>();
  let isIn = true;
  let revision = 0;
  let deletedRevision = 0;
  for (const name of ['me', 'ada', 'bob']) addMember(name);

  function addMember(name: string): void {
    const number = messages.length;
    members.set(name, {
      ...{ __typename: 'Member', id: `member-${name}`, role: 'MEMBER', joinedAt: at },
      ...{ readNumber: number, deliveredNumber: number, user: personOf(name) },
    });
  }
  const memberOf = (name: string): MemberFieldsFragment => {
    const member = members.get(name);
    if (!member) throw new Error(`${name} is not in the channel.`);
    return member;
  };
  const isUnread = ({ number, author, deletedAt }: MessageFieldsFragment) =>
    number > (memberOf('me').readNumber ?? 0) && author?.id !== me && deletedAt === null;

  const fields = (): ChannelFieldsFragment => ({
    ...{ __typename: 'Channel', id: channelId, kind: 'GROUP', name: 'All', topic: null, createdAt: at },
    ...{ historyVisibility: 'ALL', memberCount: members.size, lastNumber: messages.length },
  });
  const entry = (): ChannelEntryFragment => ({
    ...fields(),
    directPeer: null,
    lastMessage: messages.at(-1) ?? null,
    viewerState: {
      ...{ __typename: 'ViewerState', id: 'state-1', unreadCount: messages.filter(isUnread).length },
      ...{ countedToNumber: messages.length, countedToRevision: deletedRevision },
      ...{ isMarkedUnread: false, isMuted: false, mutedUntil: null, isArchived: false },
      member: memberOf('me'),
    },
    viewerCan: {
      ...{ __typename: 'ChannelAbilities', id: 'abilities-1', send: allowed, addMembers: allowed },
      ...{ removeMembers: allowed, update: allowed, leave: allowed, setRoles: allowed },
    },
  });

  let count = 0;
  const ofEvent = () => {
    count += 1;
    const id = `event-${count}`;
    return () => ({ eventId: id, cursor: id, at, channelId, channel: fields() });
  };

  function send(name: string): Telling {
    const [number, id] = [messages.length + 1, `message-${messages.length + 1}`];
    revision += 1;
    messages.push({
      ...{
        __typename: 'Message',
        id,
        number,
        revision,
        text: id,
        createdAt: at,
        editedAt: null,
        deletedAt: null,
      },
      ...{ nonce: name === 'me' ? id : null, author: personOf(name), replyToNumber: null, replyTo: null },
    });
    const author = memberOf(name);
    if (author.readNumber === number - 1)
      members.set(name, { ...author, readNumber: number, deliveredNumber: number });
    const common = ofEvent();
    return () => ({
      __typename: 'MessageSent',
      ...common(),
      messageId: id,
      message: messages[number - 1] ?? null,
    });
  }

  function change(number: number, to: Partial<MessageFieldsFragment>): void {
    revision += 1;
    const message = messages[number - 1];
    if (message) messages[number - 1] = { ...message, ...to, revision };
  }
  const messageOf = (number: number) => ({
    messageId: `message-${number}`,
    message: messages[number - 1] ?? null,
  });

  function edit(number: number): Telling | undefined {
    if (messages[number - 1]?.deletedAt !== null) return undefined;
    change(number, { text: `edited at ${revision}`, editedAt: at });
    const common = ofEvent();
    return () => ({ __typename: 'MessageEdited', ...common(), ...messageOf(number) });
  }
  function remove(number: number): Telling | undefined {
    if (messages[number - 1]?.deletedAt !== null) return undefined;
    change(number, { text: null, deletedAt: at });
    deletedRevision = revision;
    const [common, by] = [ofEvent(), revision];
    return () => ({ __typename: 'MessageDeleted', ...common(), ...messageOf(number), revision: by });
  }

  function read(name: string, number: number): Telling | undefined {
    const member = members.get(name);
    if (!member || number <= (member.readNumber ?? 0)) return undefined;
    const deliveredNumber = Math.max(number, member.deliveredNumber ?? 0);
    members.set(name, { ...member, readNumber: number, deliveredNumber });
    const common = ofEvent();
    return name === 'me'
      ? () => ({ __typename: 'ViewerChannelChanged', ...common(), channel: isIn ? entry() : null })
      : () => ({ __typename: 'PositionsChanged', ...common(), members: [...members.values()] });
  }

  function join(name: string): Telling {
    addMember(name);
    const common = ofEvent();
    return () => ({
      __typename: 'MemberAdded',
      ...common(),
      memberId: `member-${name}`,
      member: members.get(name) ?? null,
    });
  }
  function leave(name: string): Telling {
    members.delete(name);
    const common = ofEvent();
    return () => ({
      __typename: 'MemberRemoved',
      ...common(),
      memberId: `member-${name}`,
      user: personOf(name),
    });
  }
  /** The viewer is removed, or added again; the channel is as before. */
  function setIn(now: boolean): Telling {
    isIn = now;
    const common = ofEvent();
    return () => ({ __typename: 'ViewerChannelChanged', ...common(), channel: isIn ? entry() : null });
  }

  return {
    ...{ messages, members, send, edit, remove, read, join, leave, setIn },
    isIn: () => isIn,
    answer: (name: string | undefined) =>
      answers[name ?? '']?.(isIn ? [entry()] : [], { messages, members }) ?? {},
  };
}
export type Model = ReturnType<typeof createModel>;

type Lists = {
  readonly messages: readonly MessageFieldsFragment[];
  readonly members: ReadonlyMap<string, MemberFieldsFragment>;
};
type AnswerOf = (entries: readonly ChannelEntryFragment[], lists: Lists) => object;

const start: AnswerOf = (entries) => ({
  syncCursor: 'first',
  server: {
    ...{ __typename: 'Server', featureLevel: 3, socketEndpoints: [] },
    limits: {
      ...{ __typename: 'ServerLimits', bytesPerMessage: 1, charactersPerMessage: 1 },
      ...{ membersPerGroup: 1, presenceWatch: 1 },
    },
  },
  viewer: {
    ...{ __typename: 'Viewer', id: 'viewer-1', user: personOf('me'), unreadCount: 0 },
    settings: {
      ...{ __typename: 'Settings', id: 'settings-1', isInvisible: false, lastSeenVisibleTo: 'NOBODY' },
      sharesReadPosition: true,
    },
    channels: {
      __typename: 'ChannelConnection',
      edges: entries.map((node) => ({ __typename: 'ChannelEdge', node })),
      pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
    },
  },
});
const channel: AnswerOf = ([entry], { messages }) => ({
  channel: entry
    ? {
        ...entry,
        messages: {
          __typename: 'MessageConnection',
          edges: messages.slice(-50).map((node) => ({ __typename: 'MessageEdge', cursor: node.id, node })),
          pageInfo: { __typename: 'PageInfo', hasPreviousPage: messages.length > 50, hasNextPage: false },
        },
      }
    : null,
});
const channelMembers: AnswerOf = (_, { members }) => ({
  channel: {
    ...{ __typename: 'Channel', id: channelId },
    members: {
      __typename: 'MemberConnection',
      edges: [...members.values()].map((node) => ({ __typename: 'MemberEdge', node })),
    },
  },
});
/** What a query would bring now, by the names of the demo's documents. */
const answers: { readonly [name: string]: AnswerOf } = {
  Start: start,
  Channel: channel,
  ChannelMembers: channelMembers,
};
