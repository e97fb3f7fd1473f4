import { webAddress } from '../../../../schema/test/push-address.ts';
import { self, signedIn } from './attempt-rules.ts';
import { isSignedIn } from './roles.ts';
import type { Attempt } from './section.ts';

// Who may say where devices are woken.

export const attemptsAtPush: readonly Attempt[] = [
  {
    mutation: 'registerPushEndpoint',
    input: (place) => ({ address: webAddress(`again ${self(place).userId}`) }),
    rights: signedIn,
    payload: 'pushEndpoint viewer',
  },
  {
    mutation: 'testPush',
    of: "somebody else's",
    input: ({ cast }) => ({ pushEndpointId: cast.guestEndpointId }),
    rights: { ...signedIn, 'signed in': 'Denied NOT_FOUND' },
    payload: 'answer',
  },
  {
    mutation: 'testPush',
    of: "one's own",
    input: ({ cast, role }) => ({ pushEndpointId: cast.endpointId[isSignedIn(role) ? role : 'OWNER'] }),
    rights: signedIn,
    payload: 'answer',
  },
  {
    mutation: 'removePushEndpoint',
    of: "somebody else's",
    input: ({ cast }) => ({ pushEndpointId: cast.guestEndpointId }),
    rights: { ...signedIn, 'signed in': 'Denied NOT_FOUND' },
    payload: 'pushEndpointId viewer',
  },
  {
    mutation: 'removePushEndpoint',
    of: "one's own",
    input: () => ({}),
    rights: signedIn,
    payload: 'pushEndpointId viewer',
  },
];
