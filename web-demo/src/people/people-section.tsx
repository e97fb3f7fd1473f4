import { type ReactNode, useId } from 'react';
import type { UsePage } from './pages.ts';
import { PeopleList } from './people-list.tsx';
import { PeoplePages } from './people-pages.tsx';

type Props = {
  readonly title: string;
  readonly usePage: UsePage;
  /** By what to filter. */
  readonly text?: string;
  /** What to do, where there is nobody. */
  readonly empty: ReactNode;
  /** Above the list. */
  readonly children?: ReactNode;
};

/** One of the lists of the viewer, under its heading. */
export function PeopleSection({ title, usePage, text = '', empty, children }: Props) {
  const id = useId();
  return (
    <section className="people__section" aria-labelledby={id}>
      <h2 id={id} tabIndex={-1}>
        {title}
      </h2>
      {children}
      <PeoplePages usePage={usePage} text={text} empty={<p className="people__empty">{empty}</p>}>
        {(people) => <PeopleList people={people} />}
      </PeoplePages>
    </section>
  );
}
