import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './icon-button.css';

type Props = {
  readonly icon: IconName;
  /** Its name for who listens, and its tooltip. */
  readonly label: string;
  readonly href: string;
  readonly className?: string;
  /** What stands on it, such as a count. */
  readonly children?: ReactNode;
};

/** Looks like an `IconButton`, and leads somewhere. */
export function IconLink({ icon, label, href, className = '', children }: Props) {
  return (
    <a className={`icon-button ${className}`} href={href} aria-label={label} title={label}>
      <Icon name={icon} />
      {children}
    </a>
  );
}
