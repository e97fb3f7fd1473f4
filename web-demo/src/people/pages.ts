import { useMemo } from 'react';
import { type CombinedError, useQuery } from 'urql';
import {
  BlockedPeopleDocument,
  type ContactRequestDirection,
  ContactRequestsDocument,
  ContactsDocument,
  SearchPeopleDocument,
} from '../gql/graphql.ts';
import { nameMatches } from './name-matches.ts';
import type { Person } from './person.ts';
import { type Problem, problemOf } from './problem-of.ts';

/** One page of a list of people. */
export type Page = {
  readonly people: readonly Person[];
  /** For the page behind this one; null when this is the last. */
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly problem: Problem | undefined;
  readonly retry: () => void;
};
/** `text`: what they are searched or filtered by; empty when they are not. */
export type PageArgs = { readonly after: string | null; readonly text: string };
export type UsePage = (args: PageArgs) => Page;

type Connection = {
  readonly edges: readonly { readonly node: Person }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
};
type State = {
  readonly fetching: boolean;
  readonly stale: boolean;
  readonly error?: CombinedError | undefined;
};

function usePageOf(connection: Connection | undefined, state: State, retry: () => void): Page {
  const people = useMemo(() => connection?.edges.map(({ node }) => node) ?? [], [connection]);
  return {
    people,
    next: connection?.pageInfo.hasNextPage ? connection.pageInfo.endCursor : null,
    isLoading: state.fetching,
    problem: state.error && problemOf(state.error),
    retry,
  };
}
const again = { requestPolicy: 'network-only' } as const;

/** By handle. The server knows no filter for them, so it is done here, page by page. */
export const useContacts: UsePage = ({ after, text }) => {
  const [state, ask] = useQuery({ query: ContactsDocument, variables: { after } });
  const page = usePageOf(state.data?.viewer?.contacts, state, () => ask(again));
  const people = useMemo(() => page.people.filter(nameMatches(text)), [page.people, text]);
  return { ...page, people };
};

const useRequests = (direction: ContactRequestDirection, after: string | null): Page => {
  const [state, ask] = useQuery({ query: ContactRequestsDocument, variables: { direction, after } });
  return usePageOf(state.data?.viewer?.contactRequests, state, () => ask(again));
};
/** The newest first. */
export const useRequestsToViewer: UsePage = ({ after }) => useRequests('INCOMING', after);
export const useRequestsByViewer: UsePage = ({ after }) => useRequests('OUTGOING', after);

/** The newest first. */
export const useBlockedPeople: UsePage = ({ after }) => {
  const [state, ask] = useQuery({ query: BlockedPeopleDocument, variables: { after } });
  return usePageOf(state.data?.viewer?.blockedUsers, state, () => ask(again));
};

/** People by name or handle. Always asked anew: nothing tells what strangers change. */
export const useSearch: UsePage = ({ after, text }) => {
  const [state, ask] = useQuery({
    query: SearchPeopleDocument,
    variables: { text, after },
    requestPolicy: 'cache-and-network',
  });
  const { error, operation } = state;
  // What is kept of the search before is shown until this one has answered, but not what went wrong with it.
  const isOld = state.fetching && operation?.variables?.text !== text;
  const page = usePageOf(state.data?.searchUsers, { ...state, error: isOld ? undefined : error }, () =>
    ask(again),
  );
  return page;
};
