import { useId } from 'react';
import './choice.css';

export type Offered<T extends string> = readonly { readonly value: T; readonly label: string }[];

type Props<T extends string> = {
  readonly label: string;
  readonly value: T;
  readonly offered: Offered<T>;
  readonly onChange: (value: T) => void;
  readonly hint?: string | undefined;
};

/** One of a few, by their names. */
export function Choice<T extends string>({ label, value, offered, onChange, hint }: Props<T>) {
  const id = useId();
  return (
    <div className="choice">
      <label className="choice__label" htmlFor={id}>
        {label}
      </label>
      <select
        className="choice__select"
        id={id}
        value={value}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={({ target }) => {
          const chosen = offered.find((one) => one.value === target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {offered.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
      {hint && (
        <p className="choice__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
