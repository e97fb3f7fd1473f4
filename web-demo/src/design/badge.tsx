import './badge.css';

type Props = {
  readonly count: number;
  /** It counts nothing that calls: grey. */
  readonly isMuted?: boolean;
  /** What is counted, for who listens. */
  readonly label?: string;
};

/** How many, exactly. Nothing at all for 0. */
export function Badge({ count, isMuted = false, label = 'unread' }: Props) {
  if (count <= 0) return null;
  return (
    <span className={`badge${isMuted ? ' badge--muted' : ''}`}>
      {count}
      <span className="visually-hidden"> {label}</span>
    </span>
  );
}
