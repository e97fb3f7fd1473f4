import { type HTMLAttributes, useEffect, useId, useRef, useState } from 'react';
import { Icon } from './icon.tsx';
import './text-field.css';

type Props = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
  readonly type?: 'text' | 'password' | 'search';
  readonly maxLength?: number;
  readonly autoFocus?: boolean;
  readonly autoComplete?: string;
  readonly name?: string;
  readonly placeholder?: string;
  /** A handle or a password, not prose: no capitals and no corrections by the keyboard. */
  readonly isExact?: boolean;
  readonly isRequired?: boolean;
  /** Where everybody sees what it is for: its label is for who listens. */
  readonly isLabelHidden?: boolean;
};

/** One line of text with its label, a hint, and what is wrong with it. A password can be shown. */
export function TextField(props: Props) {
  const { label, isLabelHidden, error, hint, type = 'text' } = props;
  const id = useId();
  const [isShown, show] = useState(false);
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return (
    <div className="text-field">
      <label className={isLabelHidden ? 'visually-hidden' : 'text-field__label'} htmlFor={id}>
        {label}
      </label>
      <div className="text-field__box">
        <Input {...props} id={id} describedBy={describedBy} type={isShown ? 'text' : type} />
        {type === 'password' && <ShowButton isShown={isShown} onClick={() => show(!isShown)} />}
      </div>
      {error && (
        <p className="text-field__error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p className="text-field__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

type InputProps = Props & { readonly id: string; readonly describedBy: string };

function Input({ autoFocus, isExact, isRequired, error, describedBy, onChange, ...props }: InputProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) input.current?.focus();
  }, [autoFocus]);
  const { hint: _, label: __, isLabelHidden: ___, ...rest } = props;
  return (
    <input
      {...rest}
      {...(isExact && exact)}
      ref={input}
      className="text-field__input"
      dir="auto"
      required={isRequired}
      aria-invalid={error ? true : undefined}
      aria-describedby={describedBy || undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

const exact: HTMLAttributes<HTMLInputElement> & { autoCorrect: string } = {
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
};

function ShowButton({ isShown, onClick }: { readonly isShown: boolean; readonly onClick: () => void }) {
  return (
    <button
      className="text-field__show"
      type="button"
      aria-label="Show the password"
      aria-pressed={isShown}
      title={isShown ? 'Hide the password' : 'Show the password'}
      onClick={onClick}
    >
      <Icon name={isShown ? 'eyeOff' : 'eye'} />
    </button>
  );
}
