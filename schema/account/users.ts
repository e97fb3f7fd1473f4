import { type Audience, type ContactState, Prisma } from '../../prisma/generated/client/client.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { handleKeyOf, isHandle } from './account.policy.ts';

/** How the viewer and a person stand to each other, by the rows of both. */
export type Relation = {
  readonly isSelf: boolean;
  /** What the viewer has towards them, a block aside. */
  readonly state: ContactState;
  readonly isBlockedByViewer: boolean;
  readonly blocksViewer: boolean;
};

/** A person. What of it everybody sees is for the fields to say. */
export type User = {
  readonly id: UserId;
  readonly handle: string;
  readonly displayName: string;
  readonly colour: string;
  /** What they set for themselves, and when they were there last: others see what follows from both, never these. */
  readonly isInvisible: boolean;
  readonly lastSeenVisibleTo: Audience;
  readonly sharesReadPosition: boolean;
  readonly lastSeenAt: Date | null;
  /** Undefined where there is no viewer: nobody is signed in, or one execution serves several. */
  readonly relation: Relation | undefined;
};

type Profile = Omit<User, 'id' | 'relation'> & { readonly userId: bigint };
/** Null where there is no row. */
type RelationRow = {
  readonly contactState: ContactState | null;
  readonly isBlockedByViewer: boolean | null;
  readonly blocksViewer: boolean | null;
};
/** As `personIn` selects it. */
export type PersonRow = Profile & Partial<RelationRow>;

/** What people are read by: whose relation to them is read with them, if anybody's. */
type Reading = Pick<Scope, 'prisma' | 'viewer' | 'sharedView'>;

/** The viewer, where there is one: not while one execution serves several. */
const viewerIn = (scope: Reading) => (scope.sharedView === undefined ? scope.viewer : undefined);

/**
 * What a statement that reads people from `user_account u` selects, and joins for that: how the viewer and they stand to each
 * other is read with them, by two primary keys, so that asking for it costs no statement more.
 */
export function personIn(scope: Reading): { readonly columns: Prisma.Sql; readonly joins: Prisma.Sql } {
  const profile = Prisma.sql`u.id AS "userId", u.handle, u.display_name AS "displayName", u.colour,
    u.is_invisible AS "isInvisible", u.last_seen_visible_to::text AS "lastSeenVisibleTo",
    u.shares_read_position AS "sharesReadPosition", u.last_seen_at AS "lastSeenAt"`;
  const viewer = viewerIn(scope);
  if (viewer === undefined) return { columns: profile, joins: Prisma.empty };
  const viewerId = rowIdOf.user(viewer.id);
  return {
    columns: Prisma.sql`${profile}, mine.state::text AS "contactState",
      mine.is_blocked AS "isBlockedByViewer", theirs.is_blocked AS "blocksViewer"`,
    joins: Prisma.sql`LEFT JOIN contact mine ON mine.user_id = ${viewerId} AND mine.other_id = u.id
      LEFT JOIN contact theirs ON theirs.user_id = u.id AND theirs.other_id = ${viewerId}`,
  };
}

/** The person of such a row. */
export function userOf(
  scope: Reading,
  { userId, contactState, isBlockedByViewer, blocksViewer, ...profile }: PersonRow,
): User {
  const [id, viewer] = [userIdOf(userId), viewerIn(scope)];
  const relation = viewer && {
    isSelf: viewer.id === id,
    state: contactState ?? 'NONE',
    isBlockedByViewer: isBlockedByViewer ?? false,
    blocksViewer: blocksViewer ?? false,
  };
  return { id, ...profile, relation };
}

/** How the viewer stands to this person. Throws where there is no viewer: no field that asks for it is made for several at once. */
export function relationTo({ relation }: User): Relation {
  if (relation === undefined)
    throw new Error('How somebody stands to a person, and nobody is there to stand.');
  return relation;
}

/** Has one of the two blocked the other? */
export const isBlockedWith = (user: User): boolean => {
  const { isBlockedByViewer, blocksViewer } = relationTo(user);
  return isBlockedByViewer || blocksViewer;
};

/** Those of these users that exist, in no order. One query, however many; in SQL, since every page asks it, and Prisma's takes twice as long. */
export async function usersOf(scope: Reading, ids: readonly UserId[]): Promise<User[]> {
  const { columns, joins } = personIn(scope);
  const rows = await scope.prisma.$queryRaw<PersonRow[]>`
    SELECT ${columns} FROM user_account u ${joins} WHERE u.id = ANY (${ids.map(rowIdOf.user)}::bigint[])`;
  return rows.map((row) => userOf(scope, row));
}

/** The user with this handle, whatever its case; null when there is none. */
export async function userByHandle(scope: Scope, handle: string): Promise<User | null> {
  if (!isHandle(handle)) return null;
  const { columns, joins } = personIn(scope);
  const [row] = await scope.prisma.$queryRaw<PersonRow[]>`
    SELECT ${columns} FROM user_account u ${joins} WHERE u.handle_key = ${handleKeyOf(handle)}`;
  return row ? userOf(scope, row) : null;
}
