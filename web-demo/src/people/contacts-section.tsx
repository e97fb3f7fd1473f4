import { useState } from 'react';
import { TextField } from '../design/text-field.tsx';
import { useContacts } from './pages.ts';
import { PeopleSection } from './people-section.tsx';

/** From here on a list is long enough for a filter. */
const fewPeople = 10;

export function ContactsSection() {
  const [text, setText] = useState('');
  const { people, next } = useContacts({ after: null, text: '' });
  const isLong = people.length > fewPeople || next !== null;
  const wanted = isLong ? text.trim() : '';
  const empty =
    wanted === ''
      ? 'Nobody yet. Search for somebody by name or handle, and ask them.'
      : `Nobody among your contacts is called “${wanted}”.`;
  return (
    <PeopleSection title="Contacts" usePage={useContacts} text={wanted} empty={empty}>
      {isLong && (
        <TextField label="Filter contacts" type="search" value={text} onChange={setText} maxLength={64} />
      )}
    </PeopleSection>
  );
}
