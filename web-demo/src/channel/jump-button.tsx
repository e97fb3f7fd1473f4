import { Badge } from '../design/badge.tsx';
import { Icon } from '../design/icon.tsx';

type Props = {
  readonly isShown: boolean;
  readonly unreadCount: number;
  readonly onClick: () => void;
};

/** Back to the newest message, with how many one has not seen. */
export function JumpButton({ isShown, unreadCount, onClick }: Props) {
  if (!isShown) return null;
  const label = unreadCount > 0 ? `Show the newest, ${unreadCount} unread` : 'Show the newest';
  return (
    <button className="message-list__jump" type="button" aria-label={label} title={label} onClick={onClick}>
      <Icon name="down" />
      <Badge count={unreadCount} />
    </button>
  );
}
