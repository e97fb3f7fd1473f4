import { useId } from 'react';
import './toggle.css';

type Props = {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hint?: string | undefined;
  readonly disabled?: boolean;
};

export function Toggle({ label, checked, onChange, hint, disabled }: Props) {
  const id = useId();
  return (
    <div className="toggle">
      <label className="toggle__label" htmlFor={id}>
        {label}
      </label>
      <input
        className="toggle__switch"
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      {hint && (
        <p className="toggle__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
