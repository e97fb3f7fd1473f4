import { useEffect } from 'react';
import { useUnread } from '../channel-list/use-unread-title.ts';
import { useChat } from '../chat/chat-context.tsx';
import { followWorker } from './follow-worker.ts';
import { Offer } from './offer.tsx';

/** What a window has to do with notifications. It comes after the first screen, which needs none of it. */
export function Notifications() {
  const chat = useChat();
  useEffect(() => ('serviceWorker' in navigator ? followWorker(chat) : undefined), [chat]);
  useBadge(useUnread());
  return <Offer />;
}

/** The number on the icon of the installed app. Whoever signs out leaves none behind. */
function useBadge(unread: number): void {
  useEffect(() => showBadge(unread), [unread]);
  useEffect(() => () => showBadge(0), []);
}

function showBadge(unread: number): void {
  if (!('setAppBadge' in navigator)) return;
  const shown = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge();
  shown.catch(() => undefined);
}
