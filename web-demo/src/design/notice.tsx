import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';
import './notice.css';

type Props = { readonly kind: 'info' | 'warning' | 'error'; readonly children: ReactNode };

/** A sentence in its place on the screen. What went wrong is read out at once, the rest when there is a pause. */
export function Notice({ kind, children }: Props) {
  return (
    <div className={`notice notice--${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <Icon name="alert" />
      <div className="notice__text">{children}</div>
    </div>
  );
}
