import { password } from '../../../../schema/test/world.ts';
import { device, everybody, self, signedIn } from './attempt-rules.ts';
import type { Attempt } from './section.ts';

// Who may do what with accounts, sessions and profiles.

export const attemptsOnAccounts: readonly Attempt[] = [
  {
    mutation: 'signUp',
    input: ({ scene, role }) => ({
      handle: `${scene.channelId}.${role.toLowerCase()}`,
      displayName: 'Somebody new',
      password,
      device,
    }),
    rights: everybody,
    payload: 'session viewer',
  },
  {
    mutation: 'signIn',
    input: ({ cast }) => ({ handle: cast.guest.handle, password, device }),
    rights: everybody,
    payload: 'session viewer',
  },
  {
    mutation: 'changePassword',
    input: () => ({ currentPassword: password, newPassword: 'another horse battery staple' }),
    rights: signedIn,
    payload: 'viewer',
  },
  {
    mutation: 'changePassword',
    of: 'without the one of before',
    input: () => ({ currentPassword: 'not this one', newPassword: 'yet another horse' }),
    rights: { ...signedIn, 'signed in': 'Denied WRONG_CREDENTIALS' },
    payload: 'viewer',
  },
  {
    mutation: 'updateProfile',
    input: () => ({ displayName: 'Renamed', colour: '#336699' }),
    rights: signedIn,
    payload: 'viewer',
  },
  {
    mutation: 'refreshSession',
    of: 'by whoever has its token',
    input: (place) => ({ refreshToken: self(place).session.refreshToken }),
    rights: everybody,
    payload: 'session',
  },
  {
    mutation: 'revokeSession',
    of: "one's own",
    input: (place) => ({ deviceId: self(place).session.device.id }),
    rights: signedIn,
    payload: 'deviceId viewer',
  },
  {
    mutation: 'revokeSession',
    of: "somebody else's",
    input: ({ cast }) => ({ deviceId: cast.guest.session.device.id }),
    rights: { ...signedIn, 'signed in': 'Denied NOT_FOUND' },
    payload: 'deviceId viewer',
  },
  { mutation: 'signOut', input: () => ({}), rights: signedIn, payload: 'deviceId' },
];
