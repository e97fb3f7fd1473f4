import './not-added.css';

/** Somebody who could not be added, and why. */
export type Left = { readonly name: string; readonly userId: string; readonly explanation: string };

export const leftOut = (
  notAdded: readonly { readonly userId: string; readonly explanation: string }[],
  people: readonly { readonly id: string; readonly displayName: string }[],
): Left[] => {
  const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
  return notAdded.map(({ userId, explanation }) => ({
    name: names.get(userId) ?? 'Somebody',
    userId,
    explanation,
  }));
};

/** Who could not be added, by name. */
export const NotAdded = ({ left }: { readonly left: readonly Left[] }) => (
  <ul className="not-added">
    {left.map(({ userId, name, explanation }) => (
      <li key={userId}>
        <bdi className="not-added__name">{name}</bdi>
        <span className="not-added__why">{explanation}</span>
      </li>
    ))}
  </ul>
);
