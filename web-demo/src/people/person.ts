import { refusalWords } from '../design/refusal.tsx';
import type { PersonEntryFragment, VerdictFieldsFragment } from '../gql/graphql.ts';

/** Somebody else than the viewer, with what is between the two. */
export type Person = PersonEntryFragment;

/** What is between the viewer and a person, in few words; empty where there is nothing. */
const relations = {
  NONE: '',
  CONTACT: 'Contact',
  REQUESTED_BY_ME: 'You have asked',
  REQUESTED_BY_THEM: 'Asks you',
  BLOCKED_BY_ME: 'Blocked',
} as const satisfies Readonly<Record<Person['viewerContact'], string>>;

export const relationTo = ({ viewerContact }: Person): string => relations[viewerContact];

/** Why not, in words; undefined when it is allowed. */
export const reasonOf = ({
  isAllowed,
  code,
  explanation,
  until,
}: VerdictFieldsFragment): string | undefined =>
  isAllowed
    ? undefined
    : refusalWords({ code: code ?? '', explanation: explanation ?? 'This is not possible now.', until });
