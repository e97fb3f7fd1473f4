import {
  createReadingRules,
  createWitness,
  keepMember,
  type Placed,
  placedFields,
  type Reading,
  type ReadingRule,
  readingFields,
  type Ticks,
  tickFields,
  ticksIn,
} from './client-reading.ts';

/** What a client holds of itself and its channels, and how events change it: by the rules that the schema's descriptions give. */

type Verdict = { readonly isAllowed: boolean; readonly code: string | null };
type Said = { readonly id: string; readonly number: number; readonly revision: number } & {
  readonly [field in 'text' | 'editedAt' | 'deletedAt']: string | null;
};
export type Message = Said & {
  readonly author: { readonly id: string } | null;
  readonly replyToNumber: number | null;
  readonly replyTo: Said | null;
  readonly viewerCan: { readonly [action in 'edit' | 'delete' | 'reply']: Verdict };
};
export type Member = Placed & {
  readonly id: string;
  readonly role: string;
  readonly joinedAt: string;
  readonly user: { readonly id: string };
};
/** Somebody, and what the viewer has towards them. */
type Person = { readonly id: string; readonly viewerContact: string };
type Fields = {
  readonly id: string;
  readonly name: string | null;
  readonly topic: string | null;
  readonly historyVisibility: string;
  readonly memberCount: number;
  readonly lastNumber: number;
  readonly kind: string;
  readonly directPeer: Person | null;
  readonly viewerCan: { readonly send: Verdict };
};
type OwnState = {
  readonly isMuted: boolean;
  readonly mutedUntil: string | null;
  readonly isArchived: boolean;
  readonly notificationLevel: string | null;
};
export type ChannelOfEvent = Fields & {
  readonly lastMessage: Message | null;
  /** What is counted comes where the viewer's own is all there is to tell. */
  readonly viewerState: OwnState & Partial<Reading> & { readonly member: Member };
};
/** The person themselves: profile, settings, devices and where those are woken. */
export type Viewer = {
  readonly unreadCount?: number;
  readonly user: unknown;
  readonly settings: unknown;
  readonly devices: readonly { readonly id: string }[];
  readonly pushEndpoints: readonly { readonly id: string }[];
};
type List<T> = { readonly edges: readonly { readonly node: T }[] };
/** Those whom the viewer has something to do with. */
export type People = {
  readonly [list in 'contacts' | 'incoming' | 'outgoing' | 'blockedUsers']: List<Person>;
};
export type WholeChannel = ChannelOfEvent & {
  readonly viewerState: OwnState & Reading & Ticks & { readonly member: Member };
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
  readonly members?: readonly Member[];
  readonly revision?: number | null;
  readonly user?: { readonly id: string; readonly viewerContact?: string } | null;
  readonly userId?: string;
  readonly viewer?: Viewer | null;
};

const said = 'id number revision text editedAt deletedAt';
const verdict = '{ isAllowed code }';
const message = `${said} author { id } replyToNumber replyTo { ${said} }
  viewerCan { id edit ${verdict} delete ${verdict} reply ${verdict} }`;
const member = 'id role joinedAt user { id }';
const placed = `${member} ${placedFields}`;
const notifications = `level mutedReplies preview quietSeconds doNotDisturbUntil quietHours { from to days timeZone }`;
/** Not `lastActiveAt` of a device: of that nobody is told. */
export const viewerFields = `user { id handle displayName colour }
  settings { id isInvisible lastSeenVisibleTo sharesReadPosition notifications { id ${notifications} } } devices { id label platform isCurrent createdAt pushEndpoint { id } }
  pushEndpoints { id service host createdAt device { id } }`;
const person = 'id viewerContact';
const people = `(first: 5) { edges { node { ${person} } } }`;
export const peopleFields = `contacts${people} blockedUsers${people}
  incoming: contactRequests${people.replace('(', '(direction: INCOMING, ')}
  outgoing: contactRequests${people.replace('(', '(direction: OUTGOING, ')}`;
export const channelFields = `id kind name topic historyVisibility memberCount lastNumber directPeer { ${person} }
  lastMessage { ${message} } viewerState { id isMuted mutedUntil isArchived notificationLevel member { ${member} } }
  viewerCan { id send ${verdict} addMembers ${verdict} removeMembers ${verdict} update ${verdict} leave ${verdict}
    setRoles ${verdict} }`;
export const wholeChannel = `${channelFields} viewerState { ${readingFields} ${tickFields} member { ${placedFields} } }
  members(first: 5) { edges { node { ${placed} } } } messages(last: 40) { edges { node { ${message} } } }`;
export const eventFields = `__typename eventId cursor
  ... on ChannelEvent { channelId channel { ${channelFields} } }
  ... on MessageSent { message { ${message} } }
  ... on MessageEdited { message { ${message} } }
  ... on MessageDeleted { message { ${message} } revision }
  ... on MemberAdded { memberId member { ${placed} } }
  ... on MemberRoleChanged { memberId member { ${placed} } }
  ... on PositionsChanged { members { ${placed} } }
  ... on ViewerChannelChanged { channel { viewerState { ${readingFields} member { ${placedFields} } } } }
  ... on MemberRemoved { memberId user { ${person} } }
  ... on ContactChanged { userId user { ${person} } }
  ... on ViewerChanged { viewer { ${viewerFields} } }`;

type Held = {
  fields: Fields;
  own: OwnState;
  reading: Reading;
  /** As the last query said. */
  readonly ticks: Ticks;
  lastMessageId: string | null;
  memberId: string;
  readonly members: Map<string, Member>;
  readonly messages: Map<string, Message>;
};

/** The entries of both objects by name, so that their order does not matter. */
const fieldsOf = ({ lastMessage: _, viewerState: __, ...fields }: ChannelOfEvent): Fields => {
  const { id, kind, name, topic, historyVisibility, memberCount, lastNumber, directPeer, viewerCan } = fields;
  return { id, kind, name, topic, historyVisibility, memberCount, lastNumber, directPeer, viewerCan };
};
const ownOf = ({ isMuted, mutedUntil, isArchived, notificationLevel }: OwnState): OwnState => ({
  ...{ isMuted, mutedUntil, isArchived, notificationLevel },
});

export function createCache(userId: string, forgotten?: ReadingRule) {
  const channels = new Map<string, Held>();
  const [rules, witness] = [createReadingRules(userId, forgotten), createWitness()];
  /** What the viewer has towards others, by whatever showed it last. */
  const contacts = new Map<string, string>();
  let viewer: Viewer | undefined;

  const keepPerson = ({ id, viewerContact }: { readonly id: string; readonly viewerContact?: string }) =>
    viewerContact === undefined ? undefined : contacts.set(id, viewerContact);

  /** A message and what it answers, each by its id: of two copies the one with the larger revision, else the later one. */
  const keepMessage = (held: Held, kept: Message) => {
    const known = held.messages.get(kept.id);
    if (known === undefined || kept.revision >= known.revision) held.messages.set(kept.id, kept);
    const { replyTo } = kept;
    const answered = replyTo && held.messages.get(replyTo.id);
    if (answered && replyTo.revision > answered.revision)
      held.messages.set(replyTo.id, { ...answered, ...replyTo });
  };

  /** The channel as an event shows it: newer than what is held, or the same. */
  function merge(held: Held, channel: ChannelOfEvent): void {
    const { lastMessage, viewerState, directPeer } = channel;
    if (directPeer) keepPerson(directPeer);
    Object.assign(held, { fields: fieldsOf(channel), own: ownOf(viewerState) });
    held.lastMessageId = lastMessage?.id ?? null;
    held.memberId = viewerState.member.id;
    keepMember(held.members, viewerState.member);
    if (isCounted(viewerState)) held.reading = readingOf(viewerState);
    if (lastMessage) keepMessage(held, lastMessage);
  }

  function hold(channel: WholeChannel): void {
    const held: Held = {
      fields: fieldsOf(channel),
      own: channel.viewerState,
      reading: readingOf(channel.viewerState),
      ticks: saidTicks(channel.viewerState),
      lastMessageId: null,
      memberId: '',
      members: new Map(channel.members.edges.map(({ node }) => [node.id, node])),
      messages: new Map(channel.messages.edges.map(({ node }) => [node.id, node])),
    };
    channels.set(channel.id, held);
    merge(held, channel);
    for (const member of held.members.values()) witness.see(member);
  }

  function applyToHeld(held: Held, event: Event): void {
    if (event.channel) merge(held, event.channel);
    if (event.message) keepMessage(held, event.message);
    for (const member of [...(event.member ? [event.member] : []), ...(event.members ?? [])])
      keepMember(held.members, member);
    if (event.__typename === 'MemberRemoved') held.members.delete(event.memberId ?? '');
    if (event.__typename === 'MessageSent' && event.message) rules.sent(held, event.message);
    if (event.__typename === 'MessageDeleted')
      rules.deleted(held, event.message ?? null, event.revision ?? null);
    for (const member of held.members.values()) witness.see(member);
  }

  /** What decides about every message there: when it changes, they are to be read again. */
  const rightsIn = ({ fields: { historyVisibility, viewerCan }, members, memberId }: Held) =>
    `${members.get(memberId)?.role} ${historyVisibility} ${viewerCan.send.isAllowed}`;

  function applyToChannel(channelId: string, event: Event): string | undefined {
    const { __typename, channel, user } = event;
    const isGone =
      (__typename === 'ViewerChannelChanged' && !channel) ||
      (__typename === 'MemberRemoved' && user?.id === userId);
    if (isGone || __typename === 'SyncReset') channels.delete(channelId);
    const held = channels.get(channelId);
    if (held === undefined) return !isGone && channel ? channelId : undefined;
    const before = rightsIn(held);
    applyToHeld(held, event);
    return rightsIn(held) === before ? undefined : channelId;
  }

  return {
    hold,
    holdViewer(read: Viewer): void {
      viewer = read;
    },
    holdPeople(read: People): void {
      for (const { edges } of Object.values(read)) for (const { node } of edges) keepPerson(node);
    },
    drop: (channelId: string) => channels.delete(channelId),
    /** Whoever was seen going back in what they have read or received. */
    wentBack: witness.wentBack,
    /** Takes an event; what it answers is the channel that is to be read whole now, if one is. */
    apply(event: Event): string | undefined {
      if (event.viewer) viewer = event.viewer;
      if (event.user) keepPerson(event.user);
      return event.channelId === undefined ? undefined : applyToChannel(event.channelId, event);
    },
    /** Everything that is held, so that two caches can be compared: ticks and the total as counted, or as a query has just said. */
    contents: ({ isAsSaid = false } = {}) => ({
      unreadCount: isAsSaid ? viewer?.unreadCount : totalOf(channels.values()),
      user: viewer?.user,
      settings: viewer?.settings,
      devices: viewer?.devices.toSorted(byId),
      pushEndpoints: viewer?.pushEndpoints.toSorted(byId),
      // Towards whom there is nothing is in none of the lists.
      contacts: [...contacts].filter(([, state]) => state !== 'NONE').sort(),
      channels: [...channels.values()]
        .map((held) => ({
          ...contentsOf(held, contacts),
          ticks: isAsSaid ? held.ticks : ticksIn(held.members, held.memberId),
        }))
        .sort(byId),
    }),
  };
}
export type Cache = ReturnType<typeof createCache>;

const isCounted = (state: Partial<Reading>): state is Reading => state.unreadCount !== undefined;
const readingOf = ({
  unreadCount,
  countedToNumber,
  countedToRevision,
  isMarkedUnread,
}: Reading): Reading => ({
  ...{ unreadCount, countedToNumber, countedToRevision, isMarkedUnread },
});
const saidTicks = ({ readByAllNumber, deliveredToAllNumber }: Ticks): Ticks => ({
  ...{ readByAllNumber, deliveredToAllNumber },
});

/** What is unread in all channels that are neither muted nor archived. */
function totalOf(channels: Iterable<Held>): number {
  let total = 0;
  for (const { own, reading } of channels) if (!own.isMuted && !own.isArchived) total += reading.unreadCount;
  return total;
}

function contentsOf(
  { fields, own, reading, lastMessageId, memberId, members, messages }: Held,
  contacts: ReadonlyMap<string, string>,
) {
  /** What a message answers is shown as it is held by its id, whenever that was read. */
  const resolved = (message: Message) => {
    const { id, revision, text, deletedAt } = messages.get(message.replyTo?.id ?? '') ?? {
      ...{ id: null, revision: null, text: null, deletedAt: null },
    };
    return { ...message, replyTo: { id, revision, text, deletedAt } };
  };
  const last = messages.get(lastMessageId ?? '');
  const { countedToRevision: _, ...counted } = reading;
  const peerId = fields.directPeer?.id;
  return {
    ...fields,
    directPeer: peerId && { id: peerId, viewerContact: contacts.get(peerId) },
    own: ownOf(own),
    reading: counted,
    lastMessage: last ? resolved(last) : null,
    viewer: members.get(memberId) ?? null,
    members: [...members.values()].sort(byId),
    messages: [...messages.values()].map(resolved).sort(byId),
  };
}
const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);
