import { type ReactNode, useEffect, useRef } from 'react';
import { hrefOf, type Route } from '../route.ts';
import { IconLink } from './icon-link.tsx';
import './screen.css';

type Props = {
  readonly title: string;
  /** Where the arrow leads; on a wide screen the list stands beside, and no arrow to it is needed. */
  readonly back: Route;
  readonly actions?: ReactNode;
  /** A picture before the title. */
  readonly lead?: ReactNode;
  /** A line below the title. */
  readonly subtitle?: ReactNode;
  readonly children: ReactNode;
};

/** What stands beside the list of channels. Its heading takes the focus when it opens. */
export function Screen({ title, back, actions, lead, subtitle, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <section className="screen" aria-label={title}>
      <header className="screen__header">
        <IconLink
          {...{ icon: 'back', label: 'Back', href: hrefOf(back) }}
          className={back.screen === 'channels' ? 'screen__back screen__back--to-list' : 'screen__back'}
        />
        {lead}
        <div className="screen__titles">
          <h1 ref={heading} tabIndex={-1} className="screen__title" dir="auto">
            {title}
          </h1>
          {subtitle && <div className="screen__subtitle">{subtitle}</div>}
        </div>
        {actions && <div className="screen__actions">{actions}</div>}
      </header>
      <div className="screen__body">{children}</div>
    </section>
  );
}
