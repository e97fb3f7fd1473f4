import { useRef } from 'react';
import { Icon } from '../design/icon.tsx';
import type { Person } from './person.ts';
import './person-chips.css';

type Props = { readonly people: readonly Person[]; readonly onRemove: (id: string) => void };

/** Who is chosen. A press takes them out again; the focus goes to the one that follows. */
export function PersonChips({ people, onRemove }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const remove = (id: string, index: number) => {
    const buttons = list.current?.querySelectorAll('button');
    (buttons?.[index + 1] ?? buttons?.[index - 1])?.focus();
    onRemove(id);
  };
  return (
    <ul className="person-chips" ref={list} aria-label="Chosen" hidden={people.length === 0}>
      {people.map(({ id, displayName }, index) => (
        <li key={id}>
          <button className="person-chips__chip" type="button" onClick={() => remove(id, index)}>
            <bdi className="person-chips__name">{displayName}</bdi>
            <span className="visually-hidden">, take out again</span>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
