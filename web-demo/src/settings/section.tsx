import { type ReactNode, useId } from 'react';

type Props = { readonly title: string; readonly hint?: string; readonly children: ReactNode };

export function Section({ title, hint, children }: Props) {
  const id = useId();
  return (
    <section className="settings__section" aria-labelledby={id}>
      <h2 id={id} className="settings__title">
        {title}
      </h2>
      {hint && <p className="settings__about settings__hint">{hint}</p>}
      <div className="settings__card">{children}</div>
    </section>
  );
}
