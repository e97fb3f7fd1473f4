import './skeleton.css';

const widths = [55, 40, 70, 35, 60, 45];

/** Where messages will be. */
export function Skeleton() {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">Loading messages</span>
      {widths.map((width, at) => (
        <span
          key={width}
          className={`skeleton__bubble${at % 3 === 1 ? ' skeleton__bubble--own' : ''}`}
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  );
}
