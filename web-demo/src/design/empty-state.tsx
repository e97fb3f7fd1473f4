import type { ReactNode } from 'react';
import './empty-state.css';

type Props = {
  readonly title: string;
  /** What to do about it, in words. */
  readonly children?: ReactNode;
  /** Buttons that do it. */
  readonly action?: ReactNode;
};

export function EmptyState({ title, children, action }: Props) {
  return (
    <div className="empty-state">
      <h2 className="empty-state__title">{title}</h2>
      {children && <p className="empty-state__text">{children}</p>}
      {action && <div className="empty-state__action">{action}</div>}
    </div>
  );
}
