import { parse } from '@0no-co/graphql.web';
import { type CacheExchangeOpts, cacheExchange, type StorageAdapter } from '@urql/exchange-graphcache';
import { applyEvent, type ChatEvent } from '../sync/apply-event.ts';
import type { Cursors } from '../sync/cursors.ts';

/** Which types an interface has. Those of later releases are not among them: their events are passed over. */
const possibleTypes = {
  UserError: ['Denied', 'InvalidInput'],
  ChannelEvent: [
    'ChannelUpdated',
    'MemberAdded',
    'MemberRemoved',
    'MemberRoleChanged',
    'MessageDeleted',
    'MessageEdited',
    'MessageSent',
    'PositionsChanged',
    'SyncReset',
    'ViewerChannelChanged',
  ],
};

/** Values without an id: the cache keeps them in what they belong to. */
const values = [
  ...['BlockedUser', 'Channel', 'Contact', 'ContactRequest', 'Member', 'Message', 'UserSearch'].map(
    (name) => `${name}Connection`,
  ),
  ...['PageInfo', 'QuietHours', 'Server', 'ServerLimits', 'SocketEndpoint', 'Verdict'],
];
type Keys = NonNullable<CacheExchangeOpts['keys']>;

/** The edges of the lists that events change have the id of their node for a key, so that one can be put in or taken out. */
const byNode: Keys[string] = ({ node }) =>
  typeof node === 'object' && node !== null && 'id' in node ? String(node.id) : null;
const keys: Keys = {
  ...Object.fromEntries(values.map((name) => [name, () => null])),
  ...{ MessageEdge: byNode, MemberEdge: byNode, ChannelEdge: byNode },
  ...{
    BlockedUserEdge: () => null,
    ContactEdge: () => null,
    ContactRequestEdge: () => null,
    UserSearchEdge: () => null,
  },
};

/** A place of this page's own in the cache: so the cursors are stored together with what the events before them have made of it. */
const Kept = parse('fragment Kept on KeptCursors { id list }');
const keptId = 'stream';
export const keptCursors = `KeptCursors:${keptId}`;

/** The cursors in what is stored of them. */
export function cursorsIn({ list: text = '[]' }: { readonly list?: string }): readonly string[] {
  const list: unknown = JSON.parse(text);
  return Array.isArray(list) ? list.filter((cursor) => typeof cursor === 'string') : [];
}

type Parts = { readonly viewerId: string; readonly cursors: Cursors; readonly storage: StorageAdapter };

export const openCache = ({ viewerId, cursors, storage }: Parts) =>
  cacheExchange({
    keys,
    possibleTypes,
    storage,
    resolvers: {
      Query: {
        message: (_, { id }) => ({ __typename: 'Message', id: String(id) }),
      },
    },
    updates: {
      Subscription: {
        events: ({ events }: { events: ChatEvent }, _, cache) => {
          applyEvent(cache, events, viewerId);
          cursors.take(events);
          cache.writeFragment(Kept, { __typename: 'KeptCursors', id: keptId, list: [...cursors.all()] });
        },
      },
    },
  });
