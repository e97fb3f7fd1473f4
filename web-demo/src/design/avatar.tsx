import { Icon } from './icon.tsx';
import { initialsOf } from './initials.ts';
import './avatar.css';

export type PresenceShown = 'ONLINE' | 'IDLE' | 'OFFLINE' | 'UNKNOWN' | null;

type Props = {
  readonly name: string;
  /** `#rrggbb`, dark enough for white letters: `User.colour` is. */
  readonly colour: string;
  readonly presence?: PresenceShown | undefined;
  readonly size?: 'small' | 'medium' | 'large';
  /** A picture of several people instead of letters. */
  readonly isGroup?: boolean;
};

const words = { ONLINE: 'online', IDLE: 'away' } as const;

/** The picture of somebody. Their name stands beside it, so only that they are there is read out, and shown. */
export function Avatar({ name, colour, presence, size = 'medium', isGroup }: Props) {
  return (
    <span className={`avatar avatar--${size}`}>
      <span
        className="avatar__picture"
        style={{ backgroundColor: colour }}
        data-initials={isGroup ? undefined : initialsOf(name)}
        aria-hidden="true"
      >
        {isGroup && <Icon name="group" />}
      </span>
      {(presence === 'ONLINE' || presence === 'IDLE') && (
        <span
          className={`avatar__presence avatar__presence--${words[presence]}`}
          role="img"
          aria-label={words[presence]}
        />
      )}
    </span>
  );
}
