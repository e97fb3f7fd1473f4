import { useId } from 'react';
import type { HistoryVisibility } from '../gql/graphql.ts';
import './history-choice.css';

type Props = {
  readonly value: HistoryVisibility;
  readonly onChange: (value: HistoryVisibility) => void;
  /** Why it cannot be changed. */
  readonly reason?: string | undefined;
  /** Where the heading above says it already. */
  readonly isLegendHidden?: boolean;
};

const choices = [
  {
    value: 'FROM_JOINING',
    label: 'Only what comes after they join',
    hint: 'What was written before stays among those who were there.',
  },
  { value: 'ALL', label: 'Everything', hint: 'Whoever joins can read all of it, from the first message on.' },
] as const satisfies readonly { value: HistoryVisibility; label: string; hint: string }[];

/** What a new member sees of what was there before. */
export function HistoryChoice({ value, onChange, reason, isLegendHidden = false }: Props) {
  const id = useId();
  return (
    <fieldset className="history-choice" disabled={reason !== undefined}>
      <legend className={isLegendHidden ? 'visually-hidden' : 'history-choice__legend'}>
        What new members can read
      </legend>
      {choices.map((choice) => (
        <label key={choice.value} className="history-choice__choice">
          <input
            type="radio"
            name={id}
            checked={value === choice.value}
            aria-describedby={`${id}-${choice.value}`}
            onChange={() => onChange(choice.value)}
          />
          <span>
            {choice.label}
            <span className="history-choice__hint" id={`${id}-${choice.value}`}>
              {choice.hint}
            </span>
          </span>
        </label>
      ))}
      {reason && <p className="history-choice__hint">{reason}</p>}
    </fieldset>
  );
}
