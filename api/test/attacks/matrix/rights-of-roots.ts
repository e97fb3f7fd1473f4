import type { Rights } from './roles.ts';
import type { Section } from './section.ts';
import { guestWrites } from './ways.ts';

// Who gets what by each query and each subscription.

const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'given' };
/** Of what one may not see there is none, and that it is kept from one is not told. */
const members: Rights = { anonymous: 'UNAUTHENTICATED', outsiders: 'null', members: 'given' };
const ownOrNull: Rights = { anonymous: 'null', 'signed in': 'given' };

export const rightsOfRoots: readonly Section[] = [
  {
    type: 'Query',
    document: (cells) => `{ ${cells} }`,
    fields: {
      server: { everybody: 'given' },
      'viewer syncCursor': ownOrNull,
      'user searchUsers changes': signedIn,
      'channel message node simulateNotification': members,
      // Its entries are null for outsiders.
      nodes: signedIn,
    },
  },
  {
    type: 'Subscription',
    document: (cells) => `subscription { ${cells} }`,
    happening: guestWrites,
    fields: {
      events: signedIn,
      // Nothing comes of people and places that one may not see.
      presence: { ...signedIn, stranger: 'absent', 'ex-member': 'absent' },
      typing: { anonymous: 'UNAUTHENTICATED', outsiders: 'absent', members: 'given' },
      messageAdded: { anonymous: 'UNAUTHENTICATED', outsiders: 'NOT_FOUND', members: 'given' },
    },
  },
];
