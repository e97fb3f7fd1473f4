import { channelOnly, members, signedIn } from './attempt-rules.ts';
import type { Attempt } from './section.ts';

// Who may say how they want to be notified.

export const attemptsAtNotifications: readonly Attempt[] = [
  {
    mutation: 'updateNotificationSettings',
    input: () => ({ level: 'REPLIES', quietHours: null }),
    rights: signedIn,
    payload: 'viewer',
  },
  {
    mutation: 'updateNotificationSettings',
    of: 'with what cannot be used',
    input: () => ({ quietSeconds: -1 }),
    rights: { ...signedIn, 'signed in': 'InvalidInput MALFORMED' },
    payload: 'viewer',
  },
  {
    mutation: 'setNotificationLevel',
    input: (place) => ({ ...channelOnly(place), level: 'NOTHING' }),
    rights: members,
    payload: 'channel viewer',
  },
];
