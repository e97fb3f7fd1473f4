import type { User as UserRow } from '../../prisma/generated/client/client.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Scope } from '../scope.ts';
import { handleKeyOf, isHandle } from './account.policy.ts';

/** A person as everybody may see them. */
export type User = {
  readonly id: UserId;
  readonly handle: string;
  readonly displayName: string;
  readonly colour: string;
};

const visible = { id: true, handle: true, displayName: true, colour: true } as const;
export const userOf = ({ id, ...profile }: Pick<UserRow, keyof typeof visible>): User => ({
  id: userIdOf(id),
  ...profile,
});

/** Those of these users that exist, in no order. One query, however many; in SQL, since every page asks it, and Prisma's takes twice as long. */
export async function usersOf({ prisma }: Scope, ids: readonly UserId[]): Promise<User[]> {
  const rows = await prisma.$queryRaw<Pick<UserRow, keyof typeof visible>[]>`
    SELECT id, handle, display_name AS "displayName", colour FROM user_account
    WHERE id = ANY (${ids.map(rowIdOf.user)}::bigint[])`;
  return rows.map(userOf);
}

/** The user with this handle, whatever its case; null when there is none. */
export async function userByHandle({ prisma }: Scope, handle: string): Promise<User | null> {
  if (!isHandle(handle)) return null;
  const row = await prisma.user.findUnique({ where: { handleKey: handleKeyOf(handle) }, select: visible });
  return row && userOf(row);
}
