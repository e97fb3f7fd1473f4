import { useNow } from '../channel-list/use-now.ts';
import { Menu } from '../design/menu.tsx';
import { momentOf } from '../design/times.ts';
import type { Change } from './preferences-section.tsx';
import './notification.css';

const hourMs = 3_600_000;
const spans = [
  { label: 'For 1 hour', ms: hourMs },
  { label: 'For 8 hours', ms: 8 * hourMs },
  { label: 'For 1 week', ms: 7 * 24 * hourMs },
] as const;

type Props = { readonly until: string | null; readonly onChange: Change };

/** Silence for a while, from now on. It ends by itself. */
export function DoNotDisturb({ until, onChange }: Props) {
  const now = useNow();
  const isOn = until !== null && Date.parse(until) > now;
  const start = (ms: number) => onChange({ doNotDisturbUntil: new Date(Date.now() + ms).toISOString() });
  return (
    <div className="notification__row">
      <span className="notification__words">
        <span className="notification__name">Do not disturb</span>
        <span className="notification__hint">
          {isOn ? `Nothing is told. That ends ${momentOf(until, now)}.` : 'Off'}
        </span>
      </span>
      <Menu
        label={isOn ? 'Change do not disturb' : 'Turn on do not disturb'}
        trigger={<span className="button button--plain">{isOn ? 'Change …' : 'Turn on …'}</span>}
        items={[
          ...(isOn ? [{ label: 'Turn off', onSelect: () => onChange({ doNotDisturbUntil: null }) }] : []),
          ...spans.map(({ label, ms }) => ({ label, onSelect: () => start(ms) })),
        ]}
      />
    </div>
  );
}
