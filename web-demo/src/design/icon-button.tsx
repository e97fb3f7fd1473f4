import type { Ref } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './icon-button.css';

type Props = {
  readonly icon: IconName;
  /** Its name for who listens, and its tooltip. */
  readonly label: string;
  readonly onClick?: (() => void) | undefined;
  readonly kind?: 'plain' | 'primary';
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
};

export function IconButton({ icon, label, onClick, kind = 'plain', type = 'button', disabled, ref }: Props) {
  return (
    <button
      ref={ref}
      className={`icon-button icon-button--${kind}`}
      type={type}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
