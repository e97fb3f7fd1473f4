import { type Person, relationTo } from './person.ts';
import { PersonButtons } from './person-buttons.tsx';
import { PersonRow } from './person-row.tsx';
import './people-list.css';

type Props = {
  readonly people: readonly Person[];
  /** What the list is about anyway need not be said of everybody. */
  readonly isRelationShown?: boolean;
};

/** People with all that can be done with them, and whether they are there. */
export function PeopleList({ people, isRelationShown = false }: Props) {
  return (
    <ul className="people-list">
      {people.map((person) => (
        <PersonRow key={person.id} person={person} about={isRelationShown && relationTo(person)}>
          <PersonButtons person={person} />
        </PersonRow>
      ))}
    </ul>
  );
}
