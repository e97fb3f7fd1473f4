import { useEffect, useSyncExternalStore } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import type { PresenceShown } from '../design/avatar.tsx';
import { type Presences, presenceOf, presencesOf } from './presences.ts';
import { useNow } from './use-now.ts';

export { presenceOf } from './presences.ts';

/** Watches these people as long as they are on the screen and somebody looks at it: what is known of everybody, by id. */
export function usePresence(userIds: readonly string[]): ReturnType<Presences['get']> {
  const presences = presencesOf(useChat().client);
  const key = userIds.join(' ');
  useEffect(() => (key === '' ? undefined : presences.watch(key.split(' '))), [presences, key]);
  return useSyncExternalStore(presences.subscribe, presences.get);
}

/** The presence of one person on the screen: watched, and unknown when nothing is heard any more. */
export function usePresenceOf(userId: string | undefined): PresenceShown {
  const presences = presencesOf(useChat().client);
  useEffect(() => (userId === undefined ? undefined : presences.watch([userId])), [presences, userId]);
  // Of one person only, so that nothing is drawn again for the others.
  const presence = useSyncExternalStore(presences.subscribe, () =>
    userId === undefined ? null : presences.get().get(userId),
  );
  return presenceOf(presence, useNow());
}
