import './places.css';

type Props = {
  /** Who is in it, with those who are chosen and with the viewer. */
  readonly count: number;
  readonly limit: number | undefined;
};

/** From so few places on they are named. */
const fewPlaces = 10;

function wordsOf(left: number): string {
  if (left <= 0) return 'The group is full. Take somebody out to choose somebody else.';
  if (left > fewPlaces) return '';
  return left === 1 ? '1 place is left.' : `${left} places are left.`;
}

/** How full the group is, before it is too full. */
export function Places({ count, limit }: Props) {
  if (limit === undefined) return null;
  return (
    <p className="places" role="status">
      <span className="places__count">
        {count} of {limit}
      </span>{' '}
      {wordsOf(limit - count)}
    </p>
  );
}
