import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

const Announcing = createContext<((text: string) => void) | undefined>(undefined);

/** So many are read in their order, should they come at once. */
const keptCount = 4;

/** What was done, for those who cannot see that something has moved or is gone. */
export function Announcements({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState<readonly { readonly text: string; readonly at: number }[]>([]);
  const announce = useCallback((text: string) => {
    setSaid((before) => [...before.slice(1 - keptCount), { text, at: (before.at(-1)?.at ?? 0) + 1 }]);
  }, []);
  return (
    <Announcing value={announce}>
      {children}
      <div className="visually-hidden" role="log">
        {said.map(({ text, at }) => (
          <p key={at}>{text}</p>
        ))}
      </div>
    </Announcing>
  );
}

export function useAnnounce(): (text: string) => void {
  const announce = useContext(Announcing);
  if (announce === undefined) throw new Error('There is no `Announcements` around this.');
  return announce;
}
