import { type FormEvent, useState } from 'react';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/text-field.tsx';
import { type PersonFieldsFragment, UpdateProfileDocument } from '../gql/graphql.ts';
import { useAnnounce } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { ColourChoice } from './colour-choice.tsx';
import { Section } from './section.tsx';

/** How everybody sees the viewer. */
export function Profile({ user }: { readonly user: PersonFieldsFragment }) {
  const [displayName, setDisplayName] = useState(user.displayName);
  const [colour, setColour] = useState(user.colour);
  const { ask, isBusy, problem } = useAsk();
  const announce = useAnnounce();
  const isChanged = displayName.trim() !== user.displayName || colour !== user.colour;

  async function save(event: FormEvent) {
    event.preventDefault();
    const input = { displayName: displayName.trim(), colour };
    const done = await ask(UpdateProfileDocument, { input }, (data) => data.updateProfile);
    if (done) announce('Saved');
  }
  return (
    <Section title="Profile">
      <form className="settings__form" onSubmit={(event) => void save(event)}>
        <div className="settings__person">
          <Avatar name={displayName || user.displayName} colour={colour} size="large" />
          <div className="settings__names">
            <span className="settings__name" dir="auto">
              {displayName || user.displayName}
            </span>
            <span className="settings__hint">@{user.handle}</span>
          </div>
        </div>
        <TextField
          {...{ label: 'Display name', value: displayName, onChange: setDisplayName, maxLength: 64 }}
          {...{ name: 'name', autoComplete: 'name', isRequired: true }}
          hint="What others see of you. Your handle stays as it is."
        />
        <ColourChoice value={colour} own={user.colour} onChange={setColour} />
        <ProblemNotice problem={problem} />
        <div className="settings__buttons">
          <Button kind="primary" type="submit" isBusy={isBusy} disabled={!isChanged}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  );
}
