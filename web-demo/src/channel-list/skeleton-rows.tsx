import './skeleton-rows.css';

const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Where the channels will stand. */
export function SkeletonRows() {
  return (
    <div className="channel-list__skeleton" role="status">
      <span className="visually-hidden">The channels are being read</span>
      {rows.map((row) => (
        <div key={row} className="channel-list__skeleton-row" aria-hidden="true">
          <span />
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
