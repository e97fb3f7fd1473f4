import { Icon } from '../design/icon.tsx';
import { type Person, reasonOf, relationTo } from './person.ts';
import { PersonFace } from './person-row.tsx';
import './pick-list.css';

type Props = {
  readonly people: readonly Person[];
  readonly chosen: readonly Person[];
  /** No more can be chosen. */
  readonly isFull: boolean;
  readonly onPick: (person: Person) => void;
};

/** People to choose from, each a button that stays pressed. */
export function PickList({ people, chosen, isFull, onPick }: Props) {
  const chosenIds = new Set(chosen.map(({ id }) => id));
  return (
    <ul className="pick-list">
      {people.map((person) => (
        <PickRow
          key={person.id}
          person={person}
          isChosen={chosenIds.has(person.id)}
          isFull={isFull}
          onPick={onPick}
        />
      ))}
    </ul>
  );
}

type RowProps = Pick<Props, 'isFull' | 'onPick'> & {
  readonly person: Person;
  readonly isChosen: boolean;
};

function PickRow({ person, isChosen, isFull, onPick }: RowProps) {
  const reason =
    reasonOf(person.viewerCan.addToGroup) ?? (isFull ? 'No place is left in the group.' : undefined);
  // Whoever is chosen can be taken out, whatever has changed since.
  const isDisabled = reason !== undefined && !isChosen;
  return (
    <li>
      <button
        className="pick-list__person"
        type="button"
        aria-pressed={isChosen}
        aria-disabled={isDisabled || undefined}
        onClick={isDisabled ? undefined : () => onPick(person)}
      >
        <PersonFace person={person} about={isDisabled ? reason : relationTo(person)} />
        <span className="pick-list__mark">{isChosen && <Icon name="check" />}</span>
      </button>
    </li>
  );
}
