/** A document as it stands in frames: all that is put together when it is asked is its variables. `Data`: what it answers. */
export type Document<Data> = {
  readonly text: string;
  /** The payload of a `subscribe` frame up to its variables. */
  readonly head: string;
  readonly answers?: Data;
};

export type Refusal = { readonly __typename: string; readonly code: string; readonly until?: string | null };
/** What a mutation answers under the name `result`. */
export type ResultOf<Payload> = { readonly result: Payload | Refusal };
type Nothing = { readonly __typename: string };

const documentOf = <Data>(text: string): Document<Data> => {
  const oneLine = text.replace(/\s+/g, ' ');
  return { text: oneLine, head: `{"query":${JSON.stringify(oneLine)},"variables":` };
};

const refused = '__typename ... on UserError { code explanation } ... on Denied { until }';
function mutationOf<Payload>(name: string, payload = ''): Document<ResultOf<Payload>> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const wanted = payload === '' ? '' : `... on ${type}Payload { ${payload} }`;
  return documentOf(
    `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ${refused} ${wanted} } }`,
  );
}

export type Session = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly device: { readonly id: string };
};
export type SignedIn = {
  readonly session: Session;
  readonly viewer: { readonly user: { readonly id: string } };
};
const session = 'session { accessToken accessTokenExpiresAt refreshToken device { id } }';

/** A message as pages and events have it. */
export type MessageNode = {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly text: string | null;
  readonly author: { readonly id: string } | null;
};
const message = 'id number revision text author { id }';

type Edges<T> = { readonly edges: readonly { readonly node: T }[] };
export type PageData = {
  readonly channel: { readonly page: Edges<MessageNode> & { readonly pageInfo: PageInfo } } | null;
};
export type PageInfo = {
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
};
const page = `edges { node { ${message} } } pageInfo { startCursor endCursor hasNextPage }`;

export type FirstData = {
  readonly syncCursor: string | null;
  readonly viewer: { readonly channels: Edges<{ readonly id: string }> } | null;
};
export type MembersData = {
  readonly channel: {
    readonly members: Edges<{ readonly id: string; readonly user: { readonly id: string } }>;
  } | null;
};
export type LookData = {
  readonly viewer: {
    readonly unreadCount: number;
    readonly channels: Edges<{
      readonly id: string;
      readonly viewerState: {
        readonly unreadCount: number;
        readonly isMuted: boolean;
        readonly member: { readonly readNumber: number | null };
      };
    }>;
  } | null;
};
type Changed = { readonly message: { readonly id: string; readonly revision: number } };

/** Everything that anybody here asks. */
export const documents = {
  signUp: mutationOf<SignedIn>('signUp', `${session} viewer { user { id } }`),
  signIn: mutationOf<SignedIn>('signIn', `${session} viewer { user { id } }`),
  refresh: mutationOf<{ readonly session: Session }>('refreshSession', session),
  revoke: mutationOf<Nothing>('revokeSession'),
  registerEndpoint: mutationOf<Nothing>('registerPushEndpoint'),
  createGroup: mutationOf<{
    readonly channel: { readonly id: string };
    readonly notAdded: readonly { readonly code: string }[];
  }>('createGroup', 'channel { id } notAdded { code }'),
  openDirect: mutationOf<{ readonly channel: { readonly id: string } }>(
    'openDirectChannel',
    'channel { id }',
  ),
  send: mutationOf<{
    readonly deduplicated: boolean;
    readonly message: { readonly id: string; readonly number: number };
  }>('sendMessage', 'deduplicated message { id number }'),
  edit: mutationOf<Changed>('editMessage', 'message { id revision }'),
  delete: mutationOf<Changed>('deleteMessage', 'message { id revision }'),
  read: mutationOf<Nothing>('markRead'),
  mute: mutationOf<Nothing>('muteChannel'),
  unmute: mutationOf<Nothing>('unmuteChannel'),
  remove: mutationOf<Nothing>('removeMember'),
  add: mutationOf<{ readonly notAdded: readonly { readonly code: string }[] }>(
    'addMembers',
    'notAdded { code }',
  ),
  leave: mutationOf<Nothing>('leaveChannel'),
  block: mutationOf<Nothing>('blockUser'),
  unblock: mutationOf<Nothing>('unblockUser'),
  first: documentOf<FirstData>(
    `query { syncCursor viewer { channels(first: 100) { edges { node { id } } } } }`,
  ),
  members: documentOf<MembersData>(
    `query ($id: ID!) { channel(id: $id) { members(first: 100) { edges { node { id user { id } } } } } }`,
  ),
  newest: documentOf<PageData>(
    `query ($id: ID!, $last: Int, $before: String) {
      channel(id: $id) { page: messages(last: $last, before: $before) { ${page} } } }`,
  ),
  oldest: documentOf<PageData>(
    `query ($id: ID!, $after: String) { channel(id: $id) { page: messages(first: 100, after: $after) { ${page} } } }`,
  ),
  around: documentOf<PageData>(
    `query ($id: ID!, $place: MessagePlace!) { channel(id: $id) { page: messagesAround(place: $place) { ${page} } } }`,
  ),
  look: documentOf<LookData>(
    `query { viewer { unreadCount channels(first: 100) { edges { node { id
      viewerState { unreadCount isMuted member { readNumber } } } } } } }`,
  ),
  events: documentOf<never>(
    `subscription ($after: [Cursor!]) { events(after: $after) { __typename eventId cursor
      ... on ChannelEvent { channelId }
      ... on MessageSent { messageId message { ${message} } }
      ... on MessageEdited { messageId message { ${message} } }
      ... on MessageDeleted { messageId message { ${message} } }
      ... on PositionsChanged { members { readNumber user { id } } }
      ... on MemberAdded { memberId member { user { id } } }
      ... on MemberRemoved { user { id } by { id } }
      ... on ViewerChannelChanged { channel { id } }
      ... on SyncReset { reason }
      ... on ViewerReset { reason } } }`,
  ),
  presence: documentOf<never>(
    `subscription ($userIds: [ID!]!) { presence(userIds: $userIds) { user { id presence { state } } } }`,
  ),
} as const;
