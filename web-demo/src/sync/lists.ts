import type { Cache, Entity, FieldArgs } from '@urql/exchange-graphcache';
import {
  EntryOfChannelFragmentDoc,
  EntryOfMemberFragmentDoc,
  EntryOfMessageFragmentDoc,
} from '../gql/graphql.ts';

/** The lists that events change: `Channel.messages(last: 50)`, `Channel.members(first: 100)`, and all pages of `Viewer.channels`. */

export const newestPage = { last: 50 };
const allMembers = { first: 100 };

export const channelOf = (id: string): Entity => ({ __typename: 'Channel', id });
export const viewerIn = (cache: Cache) => keyIn(cache, 'Query', 'viewer');

/** What a field leads to, by its key; `field` may have arguments. */
export function keyIn(
  cache: Cache,
  entity: Entity,
  field: string | readonly [string, FieldArgs],
): string | undefined {
  const [name, given] = typeof field === 'string' ? [field] : field;
  const found = cache.resolve(entity, name, given);
  return typeof found === 'string' ? found : undefined;
}

/** The keys of the edges of a list; an edge has the id of its node as its own (see `keys` of the cache). */
function edgesOf(cache: Cache, list: string | undefined): readonly string[] {
  const found = list === undefined ? [] : cache.resolve(list, 'edges');
  return Array.isArray(found) ? found.filter((key) => typeof key === 'string') : [];
}

const listOfMembers = (cache: Cache, channelId: string) =>
  keyIn(cache, channelOf(channelId), ['members', allMembers]);

/** The keys of the members, if they have been read. */
export const membersOf = (cache: Cache, channelId: string): readonly string[] =>
  edgesOf(cache, listOfMembers(cache, channelId)).flatMap((edge) => keyIn(cache, edge, 'node') ?? []);

export function addMember(cache: Cache, channelId: string, id: string): void {
  cache.writeFragment(EntryOfMemberFragmentDoc, {
    __typename: 'MemberEdge',
    node: { __typename: 'Member', id },
  });
  put(cache, listOfMembers(cache, channelId), `MemberEdge:${id}`);
}

export const removeMember = (cache: Cache, channelId: string, id: string): void =>
  take(cache, listOfMembers(cache, channelId), `MemberEdge:${id}`);

function pagesOfChannels(cache: Cache): readonly string[] {
  const viewer = viewerIn(cache);
  if (viewer === undefined) return [];
  const pages = cache.inspectFields(viewer).filter(({ fieldName }) => fieldName === 'channels');
  return pages.flatMap(({ arguments: given }) => keyIn(cache, viewer, ['channels', given]) ?? []);
}

/** A channel that the viewer is in now: in the first page, unless one has it. In what order they are shown is for the screen to say. */
export function takeIn(cache: Cache, id: string): void {
  if (cache.resolve('Query', 'channel', { id }) === null) cache.invalidate('Query', 'channel', { id });
  const pages = pagesOfChannels(cache);
  const edge = `ChannelEdge:${id}`;
  if (pages.some((page) => edgesOf(cache, page).includes(edge))) return;
  cache.writeFragment(EntryOfChannelFragmentDoc, {
    __typename: 'ChannelEdge',
    node: { __typename: 'Channel', id },
  });
  put(cache, pages[0], edge);
}

export function leaveOut(cache: Cache, id: string): void {
  cache.link('Query', 'channel', { id }, null);
  for (const page of pagesOfChannels(cache)) take(cache, page, `ChannelEdge:${id}`);
}

/** The newest page of a channel, if it has been read. */
export function newestOf(cache: Cache, channelId: string) {
  const list = keyIn(cache, channelOf(channelId), ['messages', newestPage]);
  const edges = edgesOf(cache, list);
  const last = edges.at(-1);
  const message = last && keyIn(cache, last, 'node');
  const number = message && cache.resolve(message, 'number');
  return list === undefined
    ? undefined
    : {
        lastNumber: typeof number === 'number' ? number : 0,
        /** As an edge without a cursor: those come from the server only. */
        append({ id }: { readonly id: string }): void {
          const node = { __typename: 'Message', id } as const;
          cache.writeFragment(EntryOfMessageFragmentDoc, { __typename: 'MessageEdge', cursor: '', node });
          cache.link(list, 'edges', [...edges, `MessageEdge:${id}`].slice(-newestPage.last));
        },
      };
}

function put(cache: Cache, list: string | undefined, edge: string): void {
  const edges = edgesOf(cache, list);
  if (list !== undefined && !edges.includes(edge)) cache.link(list, 'edges', [...edges, edge]);
}

function take(cache: Cache, list: string | undefined, edge: string): void {
  const edges = edgesOf(cache, list);
  if (list === undefined || !edges.includes(edge)) return;
  cache.link(
    list,
    'edges',
    edges.filter((one) => one !== edge),
  );
}
