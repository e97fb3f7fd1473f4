import type { Rights } from './roles.ts';
import type { Section } from './section.ts';
import {
  everybody,
  inDeviceOfGuest,
  inEndpointOfGuest,
  inOwnDevice,
  inOwnEndpoint,
  inOwner,
  inSession,
  ownViewer,
  signedIn,
} from './ways.ts';

// Who gets what of people, their devices and sessions, and of the server.

const server: readonly Section[] = [
  {
    type: 'Server',
    document: (cells) => `{ server { ${cells} } }`,
    fields: { 'version featureLevel limits socketEndpoints vapidPublicKey pushServices': everybody },
  },
  {
    type: 'ServerLimits',
    document: (cells) => `{ server { limits { ${cells} } } }`,
    fields: {
      'membersPerGroup channelsPerUser charactersPerMessage bytesPerMessage operationsPerSocket pageSize presenceWatch':
        everybody,
    },
  },
  {
    type: 'SocketEndpoint',
    document: (cells) => `{ server { socketEndpoints { ${cells} } } }`,
    fields: { url: everybody, zone: { everybody: 'null' } },
  },
];

/** Contacts and those in a channel with the OWNER; who is blocked is in one, and not told that they are. */
const withWhomOwnerIs: Rights = { ...signedIn, stranger: 'null', 'ex-member': 'null' };

/** Whom the OWNER has blocked is told what everybody is told whom a person does not accept. */
const withOwner: Rights = { ...signedIn, 'signed in': 'may', blocked: 'may not: NOT_ACCEPTING' };

const inNotifications = (cells: string) => `{ viewer { settings { notifications { ${cells} } } } }`;

const people: readonly Section[] = [
  {
    type: 'Viewer',
    document: (cells) => `{ viewer { ${cells} } }`,
    fields: {
      'id user devices pushEndpoints settings': ownViewer,
      channels: { ...ownViewer, outsiders: 'empty', blocked: 'given' },
      // Who is blocked has a message of before that; the MEMBER has muted the group.
      unreadCount: { ...ownViewer, outsiders: 'empty', blocked: 'given', MEMBER: 'empty' },
      contacts: { ...ownViewer, 'signed in': 'empty', contact: 'given', OWNER: 'given' },
      // Of those whom one has asked: whoever has asked one is another matter.
      contactRequests: { ...ownViewer, 'signed in': 'empty', OWNER: 'given' },
      blockedUsers: { ...ownViewer, 'signed in': 'empty', OWNER: 'given' },
    },
  },
  {
    type: 'User',
    document: inOwner,
    fields: {
      'id handle displayName colour viewerContact viewerCan': signedIn,
      presence: withWhomOwnerIs,
    },
  },
  {
    type: 'UserAbilities',
    met: 'with the OWNER',
    document: (cells, place) => inOwner(`viewerCan { ${cells} }`, place),
    fields: {
      id: signedIn,
      'openDirectChannel requestContact': { ...withOwner, OWNER: 'may not: MALFORMED' },
      addToGroup: { ...withOwner, OWNER: 'may not: ALREADY_A_MEMBER' },
    },
  },
  {
    type: 'Settings',
    document: (cells) => `{ viewer { settings { ${cells} } } }`,
    fields: { 'id isInvisible lastSeenVisibleTo sharesReadPosition notifications': ownViewer },
  },
  {
    type: 'NotificationSettings',
    document: inNotifications,
    fields: {
      'id level mutedReplies preview': ownViewer,
      // The OWNER has set all that can be set.
      quietSeconds: { ...ownViewer, 'signed in': 'empty', OWNER: 'given' },
      'doNotDisturbUntil quietHours': { ...ownViewer, 'signed in': 'null', OWNER: 'given' },
    },
  },
  {
    type: 'QuietHours',
    document: (cells) => inNotifications(`quietHours { ${cells} }`),
    fields: { 'from to days timeZone': { ...ownViewer, 'signed in': 'absent', OWNER: 'given' } },
  },
  {
    type: 'Device',
    met: "the viewer's own",
    document: inOwnDevice,
    fields: { 'id label platform isCurrent createdAt lastActiveAt pushEndpoint': signedIn },
  },
  {
    type: 'Device',
    met: "somebody else's",
    document: inDeviceOfGuest,
    fields: {
      'id label platform isCurrent createdAt lastActiveAt pushEndpoint': {
        ...signedIn,
        'signed in': 'absent',
      },
    },
  },
  {
    type: 'PushEndpoint',
    met: "the viewer's own",
    document: inOwnEndpoint,
    fields: { 'id device service host createdAt': signedIn },
  },
  {
    type: 'PushEndpoint',
    met: "somebody else's",
    document: inEndpointOfGuest,
    fields: { 'id device service host createdAt': { ...signedIn, 'signed in': 'absent' } },
  },
  {
    type: 'Session',
    met: 'with handle and password',
    document: inSession,
    fields: { 'accessToken accessTokenExpiresAt refreshToken device': everybody },
  },
];

export const rightsOfPeople: readonly Section[] = [...server, ...people];
