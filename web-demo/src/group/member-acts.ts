import type { IconName } from '../design/icon.tsx';
import type { Role, VerdictFieldsFragment } from '../gql/graphql.ts';
import { reasonOf } from '../people/person.ts';
import { type Looking, type MemberShown, reasonNotToGive, reasonNotToRemove } from './roles.ts';

/** What can be done about a member: a role is what they get. */
export type MemberAct = 'message' | 'remove' | Role;
type Item = {
  readonly act: MemberAct;
  readonly label: string;
  readonly icon?: IconName;
  readonly reason: string | undefined;
  readonly isDanger?: boolean;
};

const roleLabels: Readonly<Record<Role, string>> = {
  OWNER: 'Make an owner',
  ADMIN: 'Make an admin',
  MEMBER: 'Make a plain member',
};
const roles = ['OWNER', 'ADMIN', 'MEMBER'] as const;

/** The menu of a member; what cannot be done says why. */
export function memberItems(
  member: MemberShown,
  looking: Looking,
  canWrite: VerdictFieldsFragment | undefined,
): Item[] {
  const isSelf = member.user.id === looking.viewerId;
  const given = roles.filter((role) => role !== member.role);
  const roleItems = given.map((role) => ({
    act: role,
    label: roleLabels[role],
    reason: reasonNotToGive(role, member, looking),
  }));
  // Nobody writes to themselves, and whoever goes leaves.
  if (isSelf) return roleItems;
  return [
    { act: 'message', label: 'Message', icon: 'send', reason: canWrite && reasonOf(canWrite) },
    ...roleItems,
    {
      act: 'remove',
      label: 'Remove from the group',
      icon: 'delete',
      reason: reasonNotToRemove(member, looking),
      isDanger: true,
    },
  ];
}

type Question = {
  readonly title: string;
  readonly children: string;
  readonly label: string;
  readonly isDanger: boolean;
};

/** What to ask before it is done; nothing for what is easily undone. */
export function questionAbout(
  act: MemberAct,
  { member, isSelf }: { readonly member: MemberShown; readonly isSelf: boolean },
): Question | undefined {
  const name = member.user.displayName;
  if (act === 'remove')
    return {
      title: `Remove ${name}?`,
      children: 'They cannot read the group any more, and hear nothing of it. They can be added again.',
      label: 'Remove',
      isDanger: true,
    };
  if (act === 'OWNER')
    return {
      title: `Make ${name} an owner?`,
      children: 'An owner can do everything, gives roles, and can take yours.',
      label: 'Make an owner',
      isDanger: false,
    };
  if (isSelf && act !== 'message')
    return {
      title: 'Give up being an owner?',
      children: 'Only another owner can make you one again.',
      label: roleLabels[act],
      isDanger: true,
    };
  return undefined;
}
