import type { World as AnyWorld, Asker } from '../../../schema/test/world.ts';
import { type Page, type PageArgs, type Refused, type Talker, talkerOf } from './talker.ts';

/** How far somebody is, as somebody sees it: read and received. Null where they may not. */
export type At = readonly [read: number | null, delivered: number | null];
/** A member, and how far they are. */
export type Placed = {
  readonly id: string;
  readonly user: { readonly id: string };
  readonly readNumber: number | null;
  readonly deliveredNumber: number | null;
};
/** What is the viewer's alone in a channel, as far as reading goes. */
export type Own = {
  readonly unreadCount: number;
  readonly countedToNumber: number;
  readonly countedToRevision: number;
  readonly readByAllNumber: number | null;
  readonly deliveredToAllNumber: number | null;
  readonly isMarkedUnread: boolean;
  readonly member: Placed;
};
export type Result = Refused & {
  readonly channel?: { readonly id: string; readonly viewerState: Own };
  readonly viewer: { readonly id: string; readonly unreadCount: number };
};
/** What a device is told that has to do with reading. */
export type Told = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly at: string;
  readonly channelId?: string;
  readonly channel?: { readonly id: string; readonly viewerState?: Own } | null;
  readonly members?: readonly Placed[];
  readonly member?: Placed | null;
  readonly message?: { readonly number: number; readonly text: string | null } | null;
  readonly revision?: number | null;
  readonly reason?: string;
};

export const placedFields = 'id user { id } readNumber deliveredNumber';
export const ownFields = `unreadCount countedToNumber countedToRevision readByAllNumber deliveredToAllNumber isMarkedUnread
  member { ${placedFields} }`;
const toldFields = `__typename eventId cursor at ... on ChannelEvent { channelId channel { id } }
  ... on PositionsChanged { members { ${placedFields} } }
  ... on ViewerChannelChanged { channel { id viewerState { id ${ownFields} } } }
  ... on MemberAdded { member { ${placedFields} } } ... on MemberRoleChanged { member { ${placedFields} } }
  ... on MessageSent { message { number text } } ... on MessageDeleted { message { number text } revision }
  ... on SyncReset { reason } ... on ViewerReset { reason }`;
const mutation = (name: string, channel = '') => {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ($input: ${type}Input!) { result: ${name}(input: $input) {
    __typename ... on UserError { code explanation } ... on ${type}Payload { ${channel} viewer { id unreadCount } } } }`;
};
const ofChannel = `channel { id viewerState { id ${ownFields} } }`;
const documents = {
  markRead: mutation('markRead', ofChannel),
  markUnread: mutation('markUnread', ofChannel),
  acknowledgeEvents: mutation('acknowledgeEvents'),
  share: `mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { __typename } }`,
  own: `query ($id: ID!) { channel(id: $id) { viewerState { id ${ownFields} } } }`,
  placed: `query ($id: ID!) { channel(id: $id) { members(first: 100) { edges { node { ${placedFields} } } } } }`,
  total: '{ viewer { unreadCount } }',
  ids: `query ($filter: ChannelFilter, $first: Int, $after: String, $last: Int, $before: String) {
    viewer { page: channels(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
  changes: `query ($after: [Cursor!]!, $first: Int!) { changes(after: $after, first: $first) {
    cursor hasMore events { ${toldFields} } } }`,
  events: `subscription ($after: [Cursor!]) { event: events(after: $after) { ${toldFields} } }`,
} as const;

type Changes = { readonly cursor: string; readonly hasMore: boolean; readonly events: readonly Told[] };

/** What a client does about reading: each a document, and what it answers. */
export function readingOf({ execute, subscribe }: Asker) {
  const query = async <Data>(document: string, variables: object = {}): Promise<Data> => {
    const { data, errors } = await execute<Data>(document, { ...variables });
    if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors)}`);
    return data;
  };
  const mutate = async (document: string, input: object) =>
    (await query<{ result: Result }>(document, { input })).result;
  return {
    markRead: (channelId: string, number: number) => mutate(documents.markRead, { channelId, number }),
    markUnread: (channelId: string) => mutate(documents.markUnread, { channelId }),
    acknowledge: (...cursors: readonly string[]) => mutate(documents.acknowledgeEvents, { cursors }),
    share: (sharesReadPosition: boolean) => query(documents.share, { input: { sharesReadPosition } }),
    own: async (id: string) => {
      const { channel } = await query<{ channel: { viewerState: Own } | null }>(documents.own, { id });
      if (channel === null) throw new Error('There is no such channel.');
      return channel.viewerState;
    },
    /** How far everybody is, by the id of the person. */
    placed: async (id: string): Promise<Readonly<Record<string, At>>> => {
      type Answer = { channel: { members: { edges: readonly { node: Placed }[] } } };
      const { channel } = await query<Answer>(documents.placed, { id });
      return placesOf(channel.members.edges.map(({ node }) => node));
    },
    total: async () => (await query<{ viewer: { unreadCount: number } }>(documents.total)).viewer.unreadCount,
    channelIds: async (filter: object, args: PageArgs = {}) =>
      (await query<{ viewer: { page: Page<{ id: string }> } }>(documents.ids, { filter, ...args })).viewer
        .page,
    told: async (after: readonly string[], first = 100) =>
      (await query<{ changes: Changes }>(documents.changes, { after, first })).changes,
    /** What is told, one by one; without `after`, as the server decides. */
    async follow(after?: readonly string[]) {
      const answers = await subscribe<{ event: Told }>(documents.events, after && { after });
      return {
        async next(): Promise<Told> {
          const { done, value } = await answers.next();
          if (done) throw new Error('The stream ended.');
          if (value.errors) throw new Error(JSON.stringify(value.errors));
          return value.data.event;
        },
        stop: async () => void (await answers.return?.()),
      };
    },
  };
}

/** By the id of the person. */
export const placesOf = (members: readonly Placed[]): Record<string, At> =>
  Object.fromEntries(
    members.map(({ user, readNumber, deliveredNumber }) => [user.id, [readNumber, deliveredNumber]]),
  );

/** Somebody on a device who talks, and reads. */
export type Reading = Talker & { readonly reads: ReturnType<typeof readingOf> };
export const readingBy = (person: Parameters<typeof talkerOf>[0]): Reading => ({
  ...talkerOf(person),
  reads: readingOf(person),
});

/** New people, one per name asked for. */
export async function readingPeople<const Name extends string>(
  world: Pick<AnyWorld, 'signUp'>,
  ...names: readonly Name[]
): Promise<{ readonly [N in Name]: Reading }> {
  const pairs = await Promise.all(
    names.map(async (name) => [name, readingBy(await world.signUp())] as const),
  );
  return Object.fromEntries(pairs) as { [N in Name]: Reading };
}

/** Several messages of somebody, one after the other. */
export async function say(talker: Talker, channelId: string, count = 1) {
  const sent = [];
  for (let n = 1; n <= count; n += 1) sent.push((await talker.send(channelId, `text ${n}`)).message);
  return sent;
}
