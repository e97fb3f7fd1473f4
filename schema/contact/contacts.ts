import { Prisma } from '../../prisma/generated/client/client.ts';
import { type PersonRow, personIn, type User, userOf } from '../account/users.ts';
import { rowIdOf } from '../ids.ts';
import {
  type Edge,
  edgeCursor,
  keyOfCursor,
  type Page,
  type PageArgs,
  pageFrom,
  pageWanted,
} from '../page.ts';
import type { Scope, Viewer } from '../scope.ts';

/** Somebody in one of the viewer's lists, and since when they are in it. */
export type ListedEdge = Edge<User> & { readonly at: Date };
type ListedPage = Page<User, ListedEdge>;

/** One of the viewer's lists: rows `c` of `contact`, in the order of one of its indexes. */
type List = {
  readonly where: Prisma.Sql;
  /** Since when somebody is in it. */
  readonly at: Prisma.Sql;
  /** By what it is sorted, and what its cursors name: keys that begin with a letter, so that none is one of another list. */
  readonly place: Prisma.Sql;
  readonly placeOf: (key: string) => Prisma.Sql;
  readonly keyForm: RegExp;
  readonly keyOf: (row: ListedRow) => string;
  readonly order: { readonly first: Prisma.Sql; readonly last: Prisma.Sql };
  /** How a place that comes later in the list compares with one that comes before it. */
  readonly later: '>' | '<';
};
type ListedRow = PersonRow & { readonly at: Date; readonly handleKey: string };

/** Newest first: the time, and the person where two have the same. */
const newestFirst = (at: Prisma.Sql, letter: 'r' | 'b') => ({
  at,
  place: Prisma.sql`(${at}, c.other_id)`,
  placeOf: (key: string) => {
    const [ms, otherId] = key.slice(1).split('.');
    return Prisma.sql`(to_timestamp(${Number(ms)}::double precision / 1000), ${otherId}::bigint)`;
  },
  keyForm: new RegExp(`^${letter}\\d{1,15}\\.\\d{1,18}$`),
  keyOf: (row: ListedRow) => `${letter}${row.at.getTime()}.${row.userId}`,
  order: {
    first: Prisma.sql`${at} DESC, c.other_id DESC`,
    last: Prisma.sql`${at}, c.other_id`,
  },
  later: '<' as const,
});

const contactList: List = {
  where: Prisma.sql`c.state = 'CONTACT'`,
  at: Prisma.sql`c.since`,
  place: Prisma.sql`c.other_handle_key`,
  placeOf: (key) => Prisma.sql`${key.slice(1)}`,
  keyForm: /^c[a-z0-9][a-z0-9_.-]{2,31}$/,
  keyOf: ({ handleKey }) => `c${handleKey}`,
  order: { first: Prisma.sql`c.other_handle_key`, last: Prisma.sql`c.other_handle_key DESC` },
  later: '>',
};
const requested = newestFirst(Prisma.sql`c.requested_at`, 'r');
const requestLists: Readonly<Record<RequestDirection, List>> = {
  INCOMING: { ...requested, where: Prisma.sql`c.state = 'REQUESTED_BY_THEM'` },
  OUTGOING: { ...requested, where: Prisma.sql`c.state = 'REQUESTED_BY_ME'` },
};
const blockedList: List = {
  ...newestFirst(Prisma.sql`c.blocked_at`, 'b'),
  where: Prisma.sql`c.is_blocked`,
};

export type RequestDirection = 'INCOMING' | 'OUTGOING';

/** The viewer's contacts, by handle. */
export const contactsOf = (scope: Scope, viewer: Viewer, args: PageArgs): Promise<ListedPage> =>
  pageOf({ scope, viewer, list: contactList }, args);

/** Whose requests wait for the viewer, or whom the viewer waits for; the newest first. */
export const contactRequestsOf = (
  scope: Scope,
  viewer: Viewer,
  { direction, ...args }: PageArgs & { readonly direction: RequestDirection },
): Promise<ListedPage> => pageOf({ scope, viewer, list: requestLists[direction] }, args);

/** Whom the viewer has blocked, the newest first. */
export const blockedUsersOf = (scope: Scope, viewer: Viewer, args: PageArgs): Promise<ListedPage> =>
  pageOf({ scope, viewer, list: blockedList }, args);

const up = { strictly: Prisma.sql`>`, orEqual: Prisma.sql`>=` };
const down = { strictly: Prisma.sql`<`, orEqual: Prisma.sql`<=` };
const comparisons = { '>': { later: up, earlier: down }, '<': { later: down, earlier: up } };

type ViewerList = { readonly scope: Scope; readonly viewer: Viewer; readonly list: List };

async function pageOf(viewerList: ViewerList, args: PageArgs): Promise<ListedPage> {
  const { list } = viewerList;
  const { take, limit, ...cursors } = pageWanted(args, 'first');
  const placeAt = (cursor: string | undefined) =>
    cursor === undefined ? undefined : list.placeOf(keyOfCursor(cursor, list.keyForm));
  const [after, before] = [placeAt(cursors.after), placeAt(cursors.before)];
  const { later, earlier } = comparisons[list.later];
  const compared = (comparison: Prisma.Sql, place: Prisma.Sql) =>
    Prisma.sql`${list.where} AND ${list.place} ${comparison} ${place}`;
  const inside = [
    list.where,
    ...(after ? [compared(later.strictly, after)] : []),
    ...(before ? [compared(earlier.strictly, before)] : []),
  ];
  const [rows, isBeforeAfter, isAfterBefore] = await Promise.all([
    select(viewerList, { where: Prisma.join(inside, ' AND '), take, limit: limit + 1 }),
    after !== undefined && isAny(viewerList, compared(earlier.orEqual, after), 'last'),
    before !== undefined && isAny(viewerList, compared(later.orEqual, before), 'first'),
  ]);
  const taken = rows.slice(0, limit);
  if (take === 'last') taken.reverse();
  const edges = taken.map((row) => edgeOf(viewerList, row));
  return pageFrom(edges, take, { hasMore: rows.length > limit, isBeforeAfter, isAfterBefore });
}

function edgeOf({ scope, list }: ViewerList, row: ListedRow): ListedEdge {
  const { at, handleKey: _, ...person } = row;
  return { cursor: edgeCursor(list.keyOf(row)), node: userOf(scope, person), at };
}

type Wanted = { readonly where: Prisma.Sql; readonly take: 'first' | 'last'; readonly limit: number };

/** A stretch of an index, and who stands there: costs what it finds, however many there are. */
function select({ scope, viewer, list }: ViewerList, { where, take, limit }: Wanted): Promise<ListedRow[]> {
  const { columns, joins } = personIn(scope);
  const order = list.order[take];
  return scope.prisma.$queryRaw<ListedRow[]>`
    SELECT ${list.at} AS at, c.other_handle_key AS "handleKey", ${columns} FROM (
      SELECT * FROM contact c WHERE c.user_id = ${rowIdOf.user(viewer.id)} AND ${where} ORDER BY ${order} LIMIT ${limit}
    ) c JOIN user_account u ON u.id = c.other_id ${joins} ORDER BY ${order}`;
}

/** In the order of the list, from the nearer end: then it is the first look at the index that tells. */
async function isAny(
  { scope, viewer, list }: ViewerList,
  where: Prisma.Sql,
  from: 'first' | 'last',
): Promise<boolean> {
  const found = await scope.prisma.$queryRaw<unknown[]>`
    SELECT true AS "isThere" FROM contact c
    WHERE c.user_id = ${rowIdOf.user(viewer.id)} AND ${where} ORDER BY ${list.order[from]} LIMIT 1`;
  return found.length > 0;
}
