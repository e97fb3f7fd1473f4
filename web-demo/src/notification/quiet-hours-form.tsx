import { useId, useState } from 'react';
import { Button } from '../design/button.tsx';
import { Choice } from '../design/choice.tsx';
import { Toggle } from '../design/toggle.tsx';
import { type QuietHours, timeZonesWith, usualQuietHours, weekdays, withDay } from './preferences.ts';
import type { Change } from './preferences-section.tsx';
import './notification.css';

type Props = { readonly quietHours: QuietHours | null; readonly onChange: Change };

/** Silence at certain times of the day. */
export function QuietHoursForm({ quietHours, onChange }: Props) {
  const [draft, setDraft] = useState(quietHours);
  const { __typename: _, ...input } = draft ?? usualQuietHours();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(quietHours);
  const turn = (isWanted: boolean) => {
    setDraft(isWanted ? usualQuietHours() : null);
    if (!isWanted && quietHours) onChange({ quietHours: null });
  };
  return (
    <>
      <Toggle
        label="Quiet hours"
        hint="Nothing is told then. What you missed is in the app."
        checked={draft !== null}
        onChange={turn}
      />
      {draft && (
        <div className="notification__hours">
          <Times hours={draft} onChange={setDraft} />
          <Days hours={draft} onChange={setDraft} />
          <Choice
            label="Time zone"
            value={draft.timeZone}
            offered={timeZonesWith(draft.timeZone).map((zone) => ({
              value: zone,
              label: zone.replaceAll('_', ' '),
            }))}
            onChange={(timeZone) => setDraft({ ...draft, timeZone })}
          />
          <div className="notification__buttons">
            <Button
              kind="primary"
              disabled={!isChanged || draft.days.length === 0}
              onClick={() => onChange({ quietHours: input })}
            >
              Save the quiet hours
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

type PartProps = { readonly hours: QuietHours; readonly onChange: (hours: QuietHours) => void };

function Times({ hours, onChange }: PartProps) {
  return (
    <div className="notification__times">
      <Time label="From" value={hours.from} onChange={(from) => onChange({ ...hours, from })} />
      <Time label="To" value={hours.to} onChange={(to) => onChange({ ...hours, to })} />
      {hours.to <= hours.from && <span className="notification__hint">on the next day</span>}
    </div>
  );
}

type TimeProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
};

function Time({ label, value, onChange }: TimeProps) {
  const id = useId();
  return (
    <div className="choice">
      <label className="choice__label" htmlFor={id}>
        {label}
      </label>
      <input
        className="choice__select"
        {...{ id, type: 'time', value, required: true }}
        onChange={({ target }) => target.value && onChange(target.value.slice(0, 5))}
      />
    </div>
  );
}

function Days({ hours, onChange }: PartProps) {
  return (
    <fieldset className="notification__days">
      <legend className="choice__label">On which days it begins</legend>
      {weekdays.map(({ value, label, short }) => (
        <label key={value} className="notification__day" title={label}>
          <input
            className="visually-hidden"
            type="checkbox"
            aria-label={label}
            checked={hours.days.includes(value)}
            onChange={({ target }) =>
              onChange({ ...hours, days: withDay(hours.days, value, target.checked) })
            }
          />
          <span aria-hidden="true">{short}</span>
        </label>
      ))}
    </fieldset>
  );
}
