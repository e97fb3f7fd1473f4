import type { Section } from './section.ts';
import { everybody, inDeviceOfGuest, inOwnDevice, inOwner, inSession, ownViewer, signedIn } from './ways.ts';

// Who gets what of people, their devices and sessions, and of the server.

const server: readonly Section[] = [
  {
    type: 'Server',
    document: (cells) => `{ server { ${cells} } }`,
    fields: { 'version featureLevel limits socketEndpoints': everybody },
  },
  {
    type: 'ServerLimits',
    document: (cells) => `{ server { limits { ${cells} } } }`,
    fields: {
      'membersPerGroup channelsPerUser charactersPerMessage bytesPerMessage operationsPerSocket pageSize':
        everybody,
    },
  },
  {
    type: 'SocketEndpoint',
    document: (cells) => `{ server { socketEndpoints { ${cells} } } }`,
    fields: { url: everybody, zone: { everybody: 'null' } },
  },
];

const people: readonly Section[] = [
  {
    type: 'Viewer',
    document: (cells) => `{ viewer { ${cells} } }`,
    fields: { 'id user devices': ownViewer, channels: { ...ownViewer, outsiders: 'empty' } },
  },
  { type: 'User', document: inOwner, fields: { 'id handle displayName colour': signedIn } },
  {
    type: 'Device',
    met: "the viewer's own",
    document: inOwnDevice,
    fields: { 'id label platform isCurrent createdAt lastActiveAt': signedIn },
  },
  {
    type: 'Device',
    met: "somebody else's",
    document: inDeviceOfGuest,
    fields: { 'id label platform isCurrent createdAt lastActiveAt': { ...signedIn, 'signed in': 'absent' } },
  },
  {
    type: 'Session',
    met: 'with handle and password',
    document: inSession,
    fields: { 'accessToken accessTokenExpiresAt refreshToken device': everybody },
  },
];

export const rightsOfPeople: readonly Section[] = [...server, ...people];
