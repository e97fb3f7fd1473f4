import { useState } from 'react';
import { Choice, type Offered } from '../design/choice.tsx';
import { Toggle } from '../design/toggle.tsx';
import {
  type Audience,
  UpdateSettingsDocument,
  type UpdateSettingsInput,
  type ViewerFieldsFragment,
} from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { Section } from './section.tsx';

type Settings = ViewerFieldsFragment['settings'];

/** Each of them counts at once, on all devices. */
export function Privacy({ settings }: { readonly settings: Settings }) {
  const { ask, problem } = useAsk();
  const [pending, setPending] = useState<UpdateSettingsInput>({});
  const change = async (input: UpdateSettingsInput) => {
    setPending(input);
    await ask(UpdateSettingsDocument, { input }, (data) => data.updateSettings);
    // Done or not: what the server says is what is so.
    setPending({});
  };
  return (
    <Section title="Privacy">
      <Toggle
        label="Invisible"
        hint="Others see you as offline, and not when you type."
        checked={pending.isInvisible ?? settings.isInvisible}
        onChange={(isInvisible) => void change({ isInvisible })}
      />
      <Toggle
        label="Share how far I have read"
        hint="Others see which of their messages you have read."
        checked={pending.sharesReadPosition ?? settings.sharesReadPosition}
        onChange={(sharesReadPosition) => void change({ sharesReadPosition })}
      />
      <Choice
        label="Who sees when I was here last"
        offered={audiences}
        value={pending.lastSeenVisibleTo ?? settings.lastSeenVisibleTo}
        onChange={(lastSeenVisibleTo) => void change({ lastSeenVisibleTo })}
      />
      <ProblemNotice problem={problem} />
    </Section>
  );
}

const audiences: Offered<Audience> = [
  { value: 'CO_MEMBERS', label: 'Contacts, and who shares a channel with me' },
  { value: 'CONTACTS', label: 'Contacts' },
  { value: 'NOBODY', label: 'Nobody' },
];
