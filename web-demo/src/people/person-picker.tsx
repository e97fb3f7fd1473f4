import { type KeyboardEvent, useState } from 'react';
import { TextField } from '../design/text-field.tsx';
import { useContacts, useSearch } from './pages.ts';
import { PeoplePages, type PeoplePagesProps } from './people-pages.tsx';
import type { Person } from './person.ts';
import { PersonChips } from './person-chips.tsx';
import { PickList } from './pick-list.tsx';
import { FoundCount, NobodyFound } from './search-results.tsx';
import { useSearchText } from './use-settled.ts';
import './person-picker.css';

type Props = {
  readonly chosen: readonly Person[];
  readonly onChange: (chosen: readonly Person[]) => void;
  /** How many can be chosen at all. */
  readonly places: number;
  /** Whom not to offer: who is there already. */
  readonly hidden?: ReadonlySet<string>;
};

/** Chooses people for a group: among the contacts at first, by search among everybody. */
export function PersonPicker({ chosen, onChange, places, hidden = nobody }: Props) {
  const [typed, type] = useState('');
  const text = useSearchText(typed);
  const without = (id: string) => chosen.filter((person) => person.id !== id);
  const toggle = (person: Person) => {
    const others = without(person.id);
    if (others.length < chosen.length) onChange(others);
    else if (chosen.length < places) onChange([...chosen, person]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only moves the focus between what is in it, as Tab does, too.
    <div className="person-picker" onKeyDown={moveByArrows}>
      <PersonChips people={chosen} onRemove={(id) => onChange(without(id))} />
      <search>
        <TextField
          label="Search people"
          hint="By name, or by @handle"
          type="search"
          value={typed}
          onChange={type}
          maxLength={64}
          isExact
        />
      </search>
      <Choices text={text} hidden={hidden}>
        {(people, page) => (
          <>
            {text !== '' && <FoundCount count={people.length} {...page} />}
            <PickList people={people} chosen={chosen} isFull={chosen.length >= places} onPick={toggle} />
          </>
        )}
      </Choices>
    </div>
  );
}

const nobody: ReadonlySet<string> = new Set();

type ChoicesProps = Pick<PeoplePagesProps, 'children'> & {
  readonly text: string;
  readonly hidden: ReadonlySet<string>;
};

const Choices = ({ text, hidden, children }: ChoicesProps) =>
  text === '' ? (
    <PeoplePages key="contacts" usePage={useContacts} hidden={hidden} empty={<NoContacts />}>
      {children}
    </PeoplePages>
  ) : (
    <PeoplePages
      key="search"
      usePage={useSearch}
      text={text}
      hidden={hidden}
      empty={<NobodyFound text={text} />}
    >
      {children}
    </PeoplePages>
  );

const NoContacts = () => (
  <p className="person-picker__hint">
    None of your contacts is left to add. Search for others by name or handle.
  </p>
);

/** From the field into the list and through it, as in a combobox. Enter in the field must not send the form that it stands in. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const isSearch = event.key === 'Enter' && event.target instanceof HTMLInputElement;
  const step = isSearch ? 1 : { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  if (isSearch) event.preventDefault();
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, [aria-pressed]')];
  const now = stops.findIndex((stop) => stop.matches(':focus'));
  const next = stops[now + step];
  if (now < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
