import type { ReactNode } from 'react';
import { usePresenceOf } from '../channel-list/use-presence.ts';
import { Avatar } from '../design/avatar.tsx';
import type { PersonFieldsFragment } from '../gql/graphql.ts';
import { headingOf, useFocusKept } from './focus-kept.ts';
import './person-row.css';

type Props = {
  readonly person: PersonFieldsFragment;
  /** What else there is to say, behind the handle. */
  readonly about?: ReactNode;
  /** Beside the name. */
  readonly badge?: ReactNode;
  /** What can be done. */
  readonly children?: ReactNode;
};

/** A person in a list: who, what is between the viewer and them, and what can be done. */
export function PersonRow({ person, about, badge, children }: Props) {
  const row = useFocusKept<HTMLLIElement>(headingOf);
  return (
    <li className="person-row" ref={row}>
      <PersonFace person={person} about={about} badge={badge} />
      {children && <div className="person-row__actions">{children}</div>}
    </li>
  );
}

/** Picture, name and handle, and whether they are there. */
export const PersonFace = ({ person, about, badge }: Omit<Props, 'children'>) => (
  <>
    <Avatar name={person.displayName} colour={person.colour} presence={usePresenceOf(person.id)} />
    <span className="person-row__words">
      <span className="person-row__name">
        <bdi>{person.displayName}</bdi>
        {badge}
      </span>
      <span className="person-row__about">
        <bdi>@{person.handle}</bdi>
        {about && <> · {about}</>}
      </span>
    </span>
  </>
);
