import { useState } from 'react';
import { useQuery } from 'urql';
import { Screen } from '../design/screen.tsx';
import { TextField } from '../design/text-field.tsx';
import { OwnHandleDocument } from '../gql/graphql.ts';
import { Announcements } from './announce.tsx';
import { ContactsSection } from './contacts-section.tsx';
import { useBlockedPeople, useRequestsByViewer, useRequestsToViewer } from './pages.ts';
import { PeopleSection } from './people-section.tsx';
import { SearchResults } from './search-results.tsx';
import { useSearchText } from './use-settled.ts';
import './people.css';

/** Whom the viewer knows, and whom they could. */
export function People() {
  const [typed, type] = useState('');
  const text = useSearchText(typed);
  return (
    <Screen title="People" back={{ screen: 'channels' }}>
      <Announcements>
        <div className="people">
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
          {text === '' ? <OwnLists /> : <SearchResults text={text} />}
        </div>
      </Announcements>
    </Screen>
  );
}

function OwnLists() {
  const [{ data }] = useQuery({ query: OwnHandleDocument });
  const handle = data?.viewer?.user.handle;
  return (
    <>
      <PeopleSection
        title="Requests to you"
        usePage={useRequestsToViewer}
        empty={
          <>
            Nobody is waiting for an answer of yours.
            {handle && (
              <>
                {' '}
                Others find you as <bdi className="people__handle">@{handle}</bdi>.
              </>
            )}
          </>
        }
      />
      <ContactsSection />
      <PeopleSection
        title="Your requests"
        usePage={useRequestsByViewer}
        empty="Nobody has a request of yours. Who is asked is not pressed: a request stays until it is accepted or you withdraw it."
      />
      <PeopleSection
        title="Blocked"
        usePage={useBlockedPeople}
        empty="Nobody. Should somebody trouble you: the menu beside their name has “Block”."
      />
    </>
  );
}
