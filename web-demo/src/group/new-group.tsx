import { type FormEvent, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Screen } from '../design/screen.tsx';
import { TextField } from '../design/text-field.tsx';
import { Announcements } from '../people/announce.tsx';
import { PersonPicker } from '../people/person-picker.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { GroupMade } from './group-made.tsx';
import { HistoryChoice } from './history-choice.tsx';
import { Places } from './places.tsx';
import { type GroupDraft, useNewGroup } from './use-new-group.ts';
import './new-group.css';

const emptyDraft: GroupDraft = { name: '', topic: '', historyVisibility: 'FROM_JOINING', people: [] };

/** A new group: its name, and whom to begin with. */
export function NewGroup() {
  const [draft, setDraft] = useState(emptyDraft);
  const { create, problem, isBusy, nameError, limit, made, places } = useNewGroup(draft);
  const change = (by: Partial<GroupDraft>) => setDraft((old) => ({ ...old, ...by }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The first field is the only one that must be filled in.
    if (draft.name.trim() === '') event.currentTarget.querySelector('input')?.focus();
    void create();
  };
  return (
    <Screen title="New group" back={{ screen: 'channels' }}>
      <Announcements>
        <form className="new-group" onSubmit={submit} noValidate>
          <GroupFields draft={draft} nameError={nameError} change={change} />
          <section className="new-group__people" aria-labelledby="new-group-people">
            <h2 id="new-group-people" tabIndex={-1}>
              People
            </h2>
            <PersonPicker chosen={draft.people} places={places} onChange={(people) => change({ people })} />
          </section>
          <footer className="new-group__footer">
            <ProblemNotice problem={problem} />
            <div className="new-group__end">
              <Places count={draft.people.length + 1} limit={limit} />
              <Button kind="primary" type="submit" isBusy={isBusy}>
                Create group
              </Button>
            </div>
          </footer>
        </form>
        {made && <GroupMade made={made} />}
      </Announcements>
    </Screen>
  );
}

type FieldsProps = {
  readonly draft: GroupDraft;
  readonly nameError: string | undefined;
  readonly change: (by: Partial<GroupDraft>) => void;
};

const GroupFields = ({ draft, nameError, change }: FieldsProps) => (
  <div className="new-group__fields">
    <TextField
      label="Name"
      value={draft.name}
      onChange={(name) => change({ name })}
      error={nameError}
      maxLength={100}
      autoComplete="off"
      isRequired
    />
    <TextField
      label="Topic"
      hint="What it is about, if you like"
      value={draft.topic}
      onChange={(topic) => change({ topic })}
      maxLength={500}
      autoComplete="off"
    />
    <HistoryChoice
      value={draft.historyVisibility}
      onChange={(historyVisibility) => change({ historyVisibility })}
    />
  </div>
);
