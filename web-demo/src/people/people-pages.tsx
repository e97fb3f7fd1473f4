import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Spinner } from '../design/spinner.tsx';
import type { Page, UsePage } from './pages.ts';
import type { Person } from './person.ts';
import { ProblemNotice } from './problem.tsx';
import './people-pages.css';

export type PeoplePagesProps = {
  /** Where they come from: the same one as long as this is shown. */
  readonly usePage: UsePage;
  readonly text?: string;
  readonly after?: string | null;
  /** Whom to leave out. */
  readonly hidden?: ReadonlySet<string>;
  readonly children: (people: readonly Person[], page: { isFirst: boolean; isLast: boolean }) => ReactNode;
  /** What to say when there is nobody. */
  readonly empty: ReactNode;
};

/** A list of people by page; each page brings the next one when it is asked for. */
export function PeoplePages(props: PeoplePagesProps) {
  const { usePage, text = '', after = null, hidden, children, empty } = props;
  const page = usePage({ text, after });
  // For this text only: another one begins with its first page.
  const [openFor, open] = useState<string>();
  const people = useMemo(() => page.people.filter(({ id }) => !hidden?.has(id)), [page.people, hidden]);
  const isEmpty = people.length === 0 && page.next === null;
  if (isEmpty && page.problem) return <ProblemNotice problem={page.problem} onRetry={page.retry} />;
  if (isEmpty && page.isLoading) return <Spinner label="Looking" />;
  if (isEmpty) return after === null ? empty : null;
  return (
    <>
      {people.length > 0 && children(people, { isFirst: after === null, isLast: page.next === null })}
      <ProblemNotice problem={page.problem} onRetry={page.retry} />
      {page.next !== null &&
        (openFor === text ? (
          <PeoplePages {...props} after={page.next} />
        ) : (
          <ShowMore page={page} onClick={() => open(text)} />
        ))}
    </>
  );
}

const ShowMore = ({ page, onClick }: { readonly page: Page; readonly onClick: () => void }) => (
  <div className="people-pages__more">
    <Button isBusy={page.isLoading} onClick={onClick}>
      Show more
    </Button>
  </div>
);
