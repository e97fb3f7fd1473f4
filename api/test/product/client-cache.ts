/** What a client holds of its channels, and how events change it: by the rule that the description of the stream gives. */

export type Message = { readonly id: string; readonly number: number; readonly revision: number } & {
  readonly [field in 'text' | 'editedAt' | 'deletedAt']: string | null;
} & { readonly replyToNumber: number | null; readonly replyTo: { readonly id: string } | null };
export type Member = {
  readonly id: string;
  readonly role: string;
  readonly joinedAt: string;
  readonly user: { readonly id: string };
};
type Fields = {
  readonly id: string;
  readonly name: string | null;
  readonly topic: string | null;
  readonly historyVisibility: string;
  readonly memberCount: number;
  readonly lastNumber: number;
};
export type ChannelOfEvent = Fields & {
  readonly lastMessage: Message | null;
  readonly viewerState: { readonly member: Member };
};
type List<T> = { readonly edges: readonly { readonly node: T }[] };
export type WholeChannel = ChannelOfEvent & {
  readonly members: List<Member>;
  readonly messages: List<Message>;
};
export type Event = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly channel?: ChannelOfEvent | null;
  readonly message?: Message | null;
  readonly memberId?: string;
  readonly member?: Member | null;
  readonly user?: { readonly id: string } | null;
};

const message = 'id number revision text editedAt deletedAt replyToNumber replyTo { id }';
const member = 'id role joinedAt user { id }';
export const channelFields = `id name topic historyVisibility memberCount lastNumber
  lastMessage { ${message} } viewerState { member { ${member} } }`;
export const wholeChannel = `${channelFields}
  members(first: 10) { edges { node { ${member} } } } messages(last: 100) { edges { node { ${message} } } }`;
export const eventFields = `__typename eventId cursor
  ... on ChannelEvent { channelId channel { ${channelFields} } }
  ... on MessageSent { message { ${message} } }
  ... on MessageEdited { message { ${message} } }
  ... on MessageDeleted { message { ${message} } }
  ... on MemberAdded { memberId member { ${member} } }
  ... on MemberRemoved { memberId user { id } }`;

type Held = {
  fields: Fields;
  lastMessageId: string | null;
  memberId: string;
  readonly members: Map<string, Member>;
  readonly messages: Map<string, Message>;
};

export function createCache(userId: string) {
  const channels = new Map<string, Held>();

  const keepMessage = (held: Held, kept: Message) => {
    const known = held.messages.get(kept.id);
    if (known === undefined || kept.revision > known.revision) held.messages.set(kept.id, kept);
  };

  /** The channel as an event shows it: newer than what is held, or the same. */
  function merge(held: Held, { lastMessage, viewerState, ...fields }: ChannelOfEvent): void {
    const { id, name, topic, historyVisibility, memberCount, lastNumber } = fields;
    held.fields = { id, name, topic, historyVisibility, memberCount, lastNumber };
    held.lastMessageId = lastMessage?.id ?? null;
    held.memberId = viewerState.member.id;
    held.members.set(viewerState.member.id, viewerState.member);
    if (lastMessage) keepMessage(held, lastMessage);
  }

  function hold(channel: WholeChannel): void {
    const held: Held = {
      fields: channel,
      lastMessageId: null,
      memberId: '',
      members: new Map(channel.members.edges.map(({ node }) => [node.id, node])),
      messages: new Map(channel.messages.edges.map(({ node }) => [node.id, node])),
    };
    channels.set(channel.id, held);
    merge(held, channel);
  }

  function applyToHeld(held: Held, event: Event): void {
    if (event.channel) merge(held, event.channel);
    if (event.message) keepMessage(held, event.message);
    if (event.member) held.members.set(event.member.id, event.member);
    if (event.__typename === 'MemberRemoved') held.members.delete(event.memberId ?? '');
  }

  return {
    hold,
    drop: (channelId: string) => channels.delete(channelId),
    /** Takes an event; what it answers is the channel that is to be read whole now, if one is. */
    apply(event: Event): string | undefined {
      const { __typename, channelId, channel, user } = event;
      if (channelId === undefined) return undefined;
      const isGone =
        (__typename === 'ViewerChannelChanged' && !channel) ||
        (__typename === 'MemberRemoved' && user?.id === userId);
      if (isGone || __typename === 'SyncReset') channels.delete(channelId);
      const held = channels.get(channelId);
      if (held) applyToHeld(held, event);
      return !isGone && !held && channel ? channelId : undefined;
    },
    /** Everything that is held, so that two caches can be compared. */
    contents: () =>
      [...channels.values()]
        .map(({ fields, lastMessageId, memberId, members, messages }) => ({
          ...Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value !== 'object')),
          lastMessage: messages.get(lastMessageId ?? '') ?? null,
          viewer: members.get(memberId) ?? null,
          members: [...members.values()].sort(byId),
          messages: [...messages.values()].sort(byId),
        }))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
  };
}
export type Cache = ReturnType<typeof createCache>;
const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);
