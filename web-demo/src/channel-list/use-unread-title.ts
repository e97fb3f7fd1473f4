import { useEffect } from 'react';
import { useReadable } from '../chat/readable.ts';
import { createWritable } from '../sync/readable.ts';

const shown = createWritable(0);
/** The number in the title, for whatever else shows it. */
export const useUnread = (): number => useReadable(shown);

/** `(3) Parley` in the title of the tab. */
export function useUnreadTitle(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley';
    shown.set(unread);
  }, [unread]);
  // Whoever signs out leaves no number behind.
  useEffect(
    () => () => {
      document.title = 'Parley';
      shown.set(0);
    },
    [],
  );
}
