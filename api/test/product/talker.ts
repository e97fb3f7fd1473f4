import type { Answer, Asker, Person, Subscription } from '../../../schema/test/world.ts';
import type { World } from '../world.ts';
import { mutations, queries, streams } from './documents.ts';

/** What is left of a mutation's answer when it was refused. */
export type Refused = {
  readonly __typename: string;
  readonly code: string;
  readonly explanation: string;
  readonly field?: readonly string[];
  readonly until?: string | null;
};
export type Message = {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly text: string | null;
  readonly nonce: string | null;
  readonly createdAt: string;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly author: { readonly id: string; readonly handle: string } | null;
  readonly channel: { readonly id: string };
};
export type Member = {
  readonly id: string;
  readonly role: string;
  readonly joinedAt: string;
  readonly user: { readonly id: string; readonly handle: string };
};
export type Channel = {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly topic: string | null;
  readonly createdAt: string;
  readonly historyVisibility: string;
  readonly memberCount: number;
  readonly lastNumber: number;
  readonly lastMessage: Message | null;
  readonly directPeer: { readonly id: string; readonly handle: string } | null;
  readonly viewerState: {
    readonly id: string;
    readonly isMuted: boolean;
    readonly mutedUntil: string | null;
    readonly isArchived: boolean;
    readonly member: Member;
  };
};
export type Verdict = {
  readonly isAllowed: boolean;
  readonly code: string | null;
  readonly explanation: string | null;
  readonly until: string | null;
};
export const abilities = ['send', 'addMembers', 'removeMembers', 'update', 'leave', 'setRoles'] as const;
export type Abilities = { readonly id: string } & { readonly [A in (typeof abilities)[number]]: Verdict };
export type NotAdded = { readonly userId: string; readonly code: string; readonly explanation: string };
export type Page<T> = {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};
export type PageArgs = { first?: number; after?: string; last?: number; before?: string };
export type Filter = { readonly kind?: string | null; readonly isArchived?: boolean | null };
export type Event = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly at: string;
  readonly channelId?: string;
  readonly channel?: Channel | null;
  readonly messageId?: string;
  readonly message?: Message | null;
  readonly memberId?: string;
  readonly member?: Member | null;
  readonly user?: { readonly id: string } | null;
  readonly by?: { readonly id: string } | null;
  readonly reason?: string;
};
export type Changes = {
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly events: readonly Event[];
};
export type Followed<T> = AsyncIterableIterator<T, undefined>;

type Payloads = {
  createGroup: {
    channel: Channel & { members: { edges: readonly { node: Member }[] } };
    notAdded: readonly NotAdded[];
    deduplicated: boolean;
  };
  addMembers: { channel: Channel; added: readonly Member[]; notAdded: readonly NotAdded[] };
  removeMember: { channel: Channel; memberId: string };
  setMemberRole: { channel: Channel; member: Member };
  openDirectChannel: { channel: Channel };
  updateGroup: { channel: Channel };
  muteChannel: { channel: Channel; viewer: { id: string } };
  unmuteChannel: { channel: Channel; viewer: { id: string } };
  archiveChannel: { channel: Channel; viewer: { id: string } };
  unarchiveChannel: { channel: Channel; viewer: { id: string } };
  leaveChannel: { channelId: string; viewer: { id: string; channels: { edges: readonly unknown[] } } };
  sendMessage: { message: Message; deduplicated: boolean };
  editMessage: { message: Message };
  deleteMessage: { message: Message };
};
type Mutation = keyof Payloads;
/** A payload or a refusal: what is asserted says which. */
export type Result<M extends Mutation> = Payloads[M] & Refused;

let lastNonce = 0;
const newNonce = () => {
  lastNonce += 1;
  return `nonce-${lastNonce}`;
};

/** The data of an answer that must have no errors. */
function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors)}`);
  return data;
}

/** Not a generator: one that waits cannot be ended. */
function dataIn<T>(answers: Subscription<{ event: T }>): Followed<T> {
  const end = { done: true, value: undefined } as const;
  const events: Followed<T> = {
    async next() {
      const answer = await answers.next();
      return answer.done ? end : { done: false, value: dataOf(answer.value).event };
    },
    async return() {
      await answers.return?.();
      return end;
    },
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}

/** What a client does: each a document, and what it answers. Throws when a document is refused as a whole. */
export function clientOf(asker: Asker) {
  const query = async <Data>(document: string, variables?: Readonly<Record<string, unknown>>) =>
    dataOf(await asker.execute<Data>(document, variables));
  const mutate = async <M extends Mutation>(name: M, input: object) =>
    (await query<{ result: Result<M> }>(mutations[name], { input })).result;

  return {
    ...asker,
    query,
    createGroup: (memberIds: readonly string[], input: object = {}) =>
      mutate('createGroup', { name: 'Crew', memberIds, nonce: newNonce(), ...input }),
    add: (channelId: string, ...userIds: string[]) => mutate('addMembers', { channelId, userIds }),
    remove: (channelId: string, userId: string) => mutate('removeMember', { channelId, userId }),
    setRole: (channelId: string, userId: string, role: string) =>
      mutate('setMemberRole', { channelId, userId, role }),
    openDirect: (userId: string) => mutate('openDirectChannel', { userId }),
    updateGroup: (channelId: string, input: object) => mutate('updateGroup', { channelId, ...input }),
    mute: (channelId: string, until?: Date) => mutate('muteChannel', { channelId, until }),
    unmute: (channelId: string) => mutate('unmuteChannel', { channelId }),
    archive: (channelId: string) => mutate('archiveChannel', { channelId }),
    unarchive: (channelId: string) => mutate('unarchiveChannel', { channelId }),
    leave: (channelId: string) => mutate('leaveChannel', { channelId }),
    send: (channelId: string, text: string, nonce = newNonce()) =>
      mutate('sendMessage', { channelId, text, nonce }),
    edit: (messageId: string, text: string) => mutate('editMessage', { messageId, text }),
    erase: (messageId: string) => mutate('deleteMessage', { messageId }),

    channel: async (id: string) =>
      (await query<{ channel: Channel | null }>(queries.channel, { id })).channel,
    message: async (id: string) =>
      (await query<{ message: Message | null }>(queries.message, { id })).message,
    history: async (id: string, args: PageArgs = {}) =>
      (await query<{ channel: { page: Page<Message> } }>(queries.history, { id, ...args })).channel.page,
    members: async (id: string, args: PageArgs = {}) =>
      (await query<{ channel: { page: Page<Member> } }>(queries.members, { id, ...args })).channel.page,
    can: async (id: string) =>
      (await query<{ channel: { viewerCan: Abilities } | null }>(queries.abilities, { id })).channel
        ?.viewerCan,
    channels: async (args: PageArgs & { filter?: Filter | null } = {}) =>
      (await query<{ viewer: { page: Page<Channel> } }>(queries.channels, args)).viewer.page,

    syncCursor: async () => (await query<{ syncCursor: string }>('{ syncCursor }')).syncCursor,
    changes: async (after: readonly string[], first = 100) =>
      (await query<{ changes: Changes }>(streams.changes, { after, first })).changes,
    events: async (after?: readonly string[]): Promise<Followed<Event>> =>
      dataIn(await asker.subscribe<{ event: Event }>(streams.events, { after })),
    messageAdded: async (channelId: string, afterNumber?: number): Promise<Followed<Message>> =>
      dataIn(await asker.subscribe<{ event: Message }>(streams.messageAdded, { channelId, afterNumber })),
  };
}

/** Somebody on one device who can do all of that. */
export type Talker = ReturnType<typeof clientOf> & Pick<Person, 'userId' | 'handle'>;
export const talkerOf = (person: Person): Talker => ({
  ...clientOf(person),
  userId: person.userId,
  handle: person.handle,
});

/** Events up to the first that `isLast`, that one included. */
export async function until<T>(events: Followed<T>, isLast: (event: T) => boolean): Promise<T[]> {
  const seen: T[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) throw new Error(`The stream ended after ${JSON.stringify(seen)}`);
    seen.push(next.value);
    if (isLast(next.value)) return seen;
  }
}
export const isCaughtUp = ({ __typename }: Event) => __typename === 'CaughtUp';

/** New people, one per name asked for: `const { ada, bob } = await people(world, 'ada', 'bob')`. */
export async function people<const Name extends string>(
  world: Pick<World, 'signUp'>,
  ...names: readonly Name[]
): Promise<{ readonly [N in Name]: Talker }> {
  const pairs = await Promise.all(names.map(async (name) => [name, talkerOf(await world.signUp())] as const));
  return Object.fromEntries(pairs) as { [N in Name]: Talker };
}
