import type { ReactNode } from 'react';
import './button.css';

type Props = {
  readonly children: ReactNode;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: 'primary' | 'plain' | 'danger';
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** What it asked for is under way. It keeps the focus, and does nothing when it is pressed again. */
  readonly isBusy?: boolean;
};

export function Button({ children, onClick, kind = 'plain', type = 'button', disabled, isBusy }: Props) {
  return (
    <button
      className={`button button--${kind}`}
      type={isBusy ? 'button' : type}
      disabled={disabled}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
    >
      {children}
    </button>
  );
}
