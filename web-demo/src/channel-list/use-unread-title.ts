import { useEffect } from 'react';

/** `(3) Parley` in the title of the tab, and the same number on the icon of the installed app. */
export function useUnreadTitle(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley';
    showBadge(unread);
  }, [unread]);
  // Whoever signs out leaves no number behind.
  useEffect(
    () => () => {
      document.title = 'Parley';
      showBadge(0);
    },
    [],
  );
}

/** Where there is no badge, or none is allowed, the title says it. */
function showBadge(unread: number): void {
  if (!('setAppBadge' in navigator)) return;
  const shown = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge();
  shown.catch(() => undefined);
}
