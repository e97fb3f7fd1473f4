import { useEffect } from 'react';
import { EmptyState } from '../design/empty-state.tsx';
import { useAnnounce } from './announce.tsx';
import { useSearch } from './pages.ts';
import { PeopleList } from './people-list.tsx';
import { PeoplePages } from './people-pages.tsx';
import './search-results.css';

type Found = { readonly count: number; readonly isFirst: boolean; readonly isLast: boolean };

function wordsOf({ count, isFirst, isLast }: Found): string {
  if (!isFirst) return `${count} more`;
  if (!isLast) return `The first ${count} people found`;
  return count === 1 ? '1 person found' : `${count} people found`;
}

/** How many were found, also said aloud when it changes. */
export function FoundCount(found: Found) {
  const announce = useAnnounce();
  const words = wordsOf(found);
  useEffect(() => announce(words), [announce, words]);
  return <p className="search-results__count">{words}</p>;
}

export function NobodyFound({ text }: { readonly text: string }) {
  const announce = useAnnounce();
  useEffect(() => announce(`Nobody found for ${text}`), [announce, text]);
  return (
    <EmptyState title="Nobody found">
      No handle and no name begins like <bdi>“{text}”</bdi>. Ask them for their handle: everybody finds their
      own under “People”. Whom you have blocked is not found, either.
    </EmptyState>
  );
}

/** Everybody whose name or handle begins like the text. */
export const SearchResults = ({ text }: { readonly text: string }) => (
  <section className="search-results" aria-label="People found">
    <PeoplePages usePage={useSearch} text={text} empty={<NobodyFound text={text} />}>
      {(people, page) => (
        <>
          <FoundCount count={people.length} {...page} />
          <PeopleList people={people} isRelationShown />
        </>
      )}
    </PeoplePages>
  </section>
);
