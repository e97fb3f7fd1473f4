import type { ErrorCode } from '../../../../schema/errors.ts';
import type { RefusalCode } from '../../../../schema/verdict.ts';

/**
 * Who somebody is towards the one group that all cells of the matrix are about; `contact` is one of the OWNER, and `blocked` is
 * blocked by the OWNER. To add a role: name it here, and play it in cast.ts.
 */
export const roles = [
  ...(['anonymous', 'stranger', 'contact', 'blocked', 'ex-member'] as const),
  ...(['MEMBER', 'ADMIN', 'OWNER'] as const),
] as const;
export type Role = (typeof roles)[number];
export type SignedInRole = Exclude<Role, 'anonymous'>;

/** Several roles that a line of the table speaks of at once, the smaller ones first: they count where two speak of one role. */
const groups = {
  managers: ['ADMIN', 'OWNER'],
  outsiders: ['stranger', 'contact', 'blocked', 'ex-member'],
  members: ['MEMBER', 'ADMIN', 'OWNER'],
  'signed in': ['stranger', 'contact', 'blocked', 'ex-member', 'MEMBER', 'ADMIN', 'OWNER'],
  everybody: roles,
} as const satisfies Readonly<Record<string, readonly Role[]>>;
type Group = keyof typeof groups;

/**
 * What somebody gets.
 * - `given`, `null`, `empty`: the field has a value, none, or an empty one (no entries, the number 0);
 * - `absent`: there is nothing that could have the field, because what it hangs on is null or not among what came;
 * - `done`: the mutation did it; `Denied …`, `InvalidInput …`: why not;
 * - `may`, `may not: …`: what a `Verdict` says;
 * - a code: the operation was refused with this top-level error.
 */
export type Outcome =
  | 'given'
  | 'null'
  | 'empty'
  | 'absent'
  | 'done'
  | 'may'
  | `may not: ${RefusalCode}`
  | `Denied ${RefusalCode}`
  | `InvalidInput ${RefusalCode}`
  | ErrorCode;

/** One line of the table: for every role what it gets, said of the role itself or of a group that it belongs to. */
export type Rights = { readonly [R in Role | Group]?: Outcome };

/** What a line says of a role; undefined when it forgets it. */
export function rightOf(rights: Rights, role: Role): Outcome | undefined {
  if (rights[role] !== undefined) return rights[role];
  for (const [group, members] of Object.entries(groups) as [Group, readonly Role[]][])
    if (rights[group] !== undefined && members.includes(role)) return rights[group];
  return undefined;
}

export const isSignedIn = (role: Role): role is SignedInRole => role !== 'anonymous';
