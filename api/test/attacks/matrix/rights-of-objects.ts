import { password } from '../../../../schema/test/world.ts';
import { ownNonce } from './cast.ts';
import type { Rights } from './roles.ts';
import type { Place, Section } from './section.ts';

// Who gets what of the things themselves. One line per rule: the fields, and who gets them.

const everybody: Rights = { everybody: 'given' };
const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'given' };
const members: Rights = { anonymous: 'UNAUTHENTICATED', outsiders: 'absent', members: 'given' };
const membersNull: Rights = { ...members, members: 'null' };
const membersMay: Rights = { ...members, members: 'may' };
/** Hangs on `viewer`, which is null for who is not signed in. */
const ownViewer: Rights = { anonymous: 'absent', 'signed in': 'given' };

const inChannel = (cells: string, { scene }: Place) => `{ channel(id: "${scene.channelId}") { ${cells} } }`;
const inMessage = (cells: string, { scene }: Place) => `{ message(id: "${scene.messageId}") { ${cells} } }`;
const inOwner = (cells: string, { cast }: Place) =>
  `{ user(handle: "${cast.player('OWNER').handle}") { ${cells} } }`;
/** Between the MEMBER and the OWNER; the others, whatever they are elsewhere, are strangers to it. */
const inDirect = (cells: string, { scene }: Place) => `{ channel(id: "${scene.directId}") { ${cells} } }`;
const noGroup = 'may not: NOT_A_GROUP';
const bothOfTwo: Rights = { ...members, ADMIN: 'absent' };
/** What one sent and sends again: the answer is that message, also for who is in the channel no more. */
const inRepeated = (cells: string, { scene }: Place) =>
  `mutation { result: sendMessage(input: { channelId: "${scene.channelId}", text: "mine", nonce: "${ownNonce}" }) {
    ... on SendMessagePayload { message { ${cells} } } } }`;
const inOwnDevice = (cells: string, { cast, role }: Place) => {
  const id = role === 'anonymous' ? cast.guest.session.device.id : cast.player(role).session.device.id;
  return `{ node(id: "${id}") { ... on Device { ${cells} } } }`;
};
const inDeviceOfGuest = (cells: string, { cast }: Place) =>
  `{ node(id: "${cast.guest.session.device.id}") { ... on Device { ${cells} } } }`;
const inSession = (cells: string, { cast }: Place) => {
  const device = 'device: { label: "Borrowed", platform: WEB }';
  return `mutation { signIn(input: { handle: "${cast.guest.handle}", password: "${password}", ${device} }) {
    ... on SignInPayload { session { ${cells} } } } }`;
};

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
    fields: { 'id user': ownViewer, channels: { ...ownViewer, outsiders: 'empty' } },
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

const channels: readonly Section[] = [
  {
    type: 'Channel',
    document: inChannel,
    fields: {
      'id kind name topic createdAt historyVisibility memberCount lastNumber lastMessage': members,
      'members messages messagesAround viewerState viewerCan': members,
      directPeer: membersNull,
    },
  },
  {
    type: 'Channel',
    met: 'a direct one of two of them',
    document: inDirect,
    fields: {
      'id kind createdAt historyVisibility memberCount directPeer members viewerState viewerCan': bothOfTwo,
      'name topic lastMessage': { ...bothOfTwo, MEMBER: 'null', OWNER: 'null' },
      'lastNumber messages messagesAround': { ...bothOfTwo, MEMBER: 'empty', OWNER: 'empty' },
    },
  },
  {
    type: 'Channel',
    met: 'of a message that one sent and sends again',
    document: (cells, place) => inRepeated(`channel { ${cells} }`, place),
    fields: {
      'id kind createdAt historyVisibility viewerState viewerCan': { ...members, 'ex-member': 'given' },
      'name topic lastMessage': { ...members, 'ex-member': 'null' },
      directPeer: { ...membersNull, 'ex-member': 'null' },
      'memberCount lastNumber members messages messagesAround': { ...members, 'ex-member': 'empty' },
    },
  },
  {
    type: 'ViewerState',
    document: (cells, place) => inChannel(`viewerState { ${cells} }`, place),
    fields: { 'id member isMuted isArchived': members, mutedUntil: { ...membersNull, MEMBER: 'given' } },
  },
  {
    type: 'ChannelAbilities',
    met: 'in the group',
    document: (cells, place) => inChannel(`viewerCan { ${cells} }`, place),
    fields: {
      id: members,
      'send addMembers leave': membersMay,
      'update removeMembers': { ...membersMay, MEMBER: 'may not: ROLE_TOO_LOW' },
      setRoles: { ...members, members: 'may not: ROLE_TOO_LOW', OWNER: 'may' },
    },
  },
  {
    type: 'ChannelAbilities',
    met: 'in a direct channel of two of them',
    document: (cells, place) => inDirect(`viewerCan { ${cells} }`, place),
    fields: {
      id: bothOfTwo,
      send: { ...bothOfTwo, MEMBER: 'may', OWNER: 'may' },
      'addMembers leave update removeMembers setRoles': { ...bothOfTwo, MEMBER: noGroup, OWNER: noGroup },
    },
  },
  {
    type: 'ChannelAbilities',
    met: 'of a group that one wrote to and that is asked for by it',
    document: (cells, place) => inRepeated(`channel { viewerCan { ${cells} } }`, place),
    fields: {
      id: { ...members, 'ex-member': 'given' },
      send: { ...membersMay, 'ex-member': 'may not: NOT_A_MEMBER' },
      'addMembers leave': { ...membersMay, 'ex-member': 'may not: NOT_FOUND' },
      'update removeMembers': {
        ...membersMay,
        MEMBER: 'may not: ROLE_TOO_LOW',
        'ex-member': 'may not: NOT_FOUND',
      },
      setRoles: {
        ...members,
        members: 'may not: ROLE_TOO_LOW',
        OWNER: 'may',
        'ex-member': 'may not: NOT_FOUND',
      },
    },
  },
  {
    type: 'Member',
    document: (cells, place) => inChannel(`members { edges { node { ${cells} } } }`, place),
    fields: { 'id user role joinedAt': members },
  },
  {
    type: 'Member',
    met: 'by its id',
    document: (cells, { scene }) => `{ node(id: "${scene.memberId}") { ... on Member { ${cells} } } }`,
    fields: { 'id user role joinedAt': members },
  },
];

const messages: readonly Section[] = [
  {
    type: 'Message',
    met: 'an edited answer of the owner',
    document: inMessage,
    fields: {
      'id channel number author revision text replyToNumber replyTo createdAt editedAt viewerCan': members,
      nonce: { ...membersNull, OWNER: 'given' },
      deletedAt: membersNull,
    },
  },
  {
    type: 'Message',
    met: 'deleted by the owner',
    document: (cells, { scene }) => `{ message(id: "${scene.deletedId}") { ${cells} } }`,
    fields: {
      'id channel number author revision createdAt deletedAt viewerCan': members,
      nonce: { ...membersNull, OWNER: 'given' },
      'text replyToNumber replyTo editedAt': membersNull,
    },
  },
  {
    type: 'Message',
    met: 'that one sent and sends again',
    document: inRepeated,
    fields: {
      'id channel number author revision text nonce createdAt viewerCan': {
        ...members,
        'ex-member': 'given',
      },
      'replyToNumber replyTo editedAt deletedAt': { ...membersNull, 'ex-member': 'null' },
    },
  },
  {
    type: 'MessageAbilities',
    met: 'on a message of the owner',
    document: (cells, place) => inMessage(`viewerCan { ${cells} }`, place),
    fields: {
      id: members,
      reply: membersMay,
      edit: { ...members, members: 'may not: NOT_YOURS', OWNER: 'may' },
      delete: { ...membersMay, MEMBER: 'may not: NOT_YOURS' },
    },
  },
  {
    type: 'MessageAbilities',
    met: 'on what one sent and sends again',
    document: (cells, place) => inRepeated(`viewerCan { ${cells} }`, place),
    fields: {
      id: { ...members, 'ex-member': 'given' },
      'edit delete': { ...membersMay, 'ex-member': 'may not: NOT_FOUND' },
      reply: { ...membersMay, 'ex-member': 'may not: NOT_A_MEMBER' },
    },
  },
];

/** Pages, and what stands beside what is wanted. */
const around: readonly Section[] = [
  {
    type: 'ChannelConnection',
    document: (cells) => `{ viewer { channels { ${cells} } } }`,
    fields: { edges: { ...ownViewer, outsiders: 'empty' }, pageInfo: ownViewer },
  },
  {
    type: 'ChannelEdge',
    document: (cells) => `{ viewer { channels { edges { ${cells} } } } }`,
    fields: { 'cursor node': { ...ownViewer, outsiders: 'absent' } },
  },
  {
    type: 'MemberConnection',
    document: (cells, place) => inChannel(`members { ${cells} }`, place),
    fields: { 'edges pageInfo': members },
  },
  {
    type: 'MemberEdge',
    document: (cells, place) => inChannel(`members { edges { ${cells} } }`, place),
    fields: { 'cursor node': members },
  },
  {
    type: 'MessageConnection',
    document: (cells, place) => inChannel(`messages { ${cells} }`, place),
    fields: { 'edges pageInfo': members },
  },
  {
    type: 'MessageEdge',
    document: (cells, place) => inChannel(`messages { edges { ${cells} } }`, place),
    fields: { 'cursor node': members },
  },
  {
    type: 'PageInfo',
    met: 'of messages',
    document: (cells, place) => inChannel(`messages { pageInfo { ${cells} } }`, place),
    fields: { 'hasNextPage hasPreviousPage startCursor endCursor': members },
  },
  {
    type: 'Verdict',
    met: 'that says no to all but the author',
    document: (cells, place) => inMessage(`viewerCan { edit { ${cells} } }`, place),
    fields: {
      isAllowed: members,
      'code explanation': { ...members, OWNER: 'null' },
      until: membersNull,
    },
  },
  {
    type: 'Denied',
    document: (cells) =>
      `mutation { leaveChannel(input: { channelId: "chn7vvvvv" }) { ... on Denied { ${cells} } } }`,
    fields: { 'code explanation': signedIn, until: { ...signedIn, 'signed in': 'null' } },
  },
  {
    type: 'InvalidInput',
    document: (cells) =>
      `mutation { createGroup(input: { name: "", memberIds: [], nonce: "n" }) { ... on InvalidInput { ${cells} } } }`,
    fields: { 'code explanation field': signedIn },
  },
  {
    type: 'NotAdded',
    document: (cells, { scene }) =>
      `mutation { addMembers(input: { channelId: "${scene.channelId}", userIds: ["usr7vvvvv"] }) {
        ... on AddMembersPayload { notAdded { ${cells} } } } }`,
    fields: { 'userId code explanation': members },
  },
];

export const rightsOfObjects: readonly Section[] = [
  ...server,
  ...people,
  ...channels,
  ...messages,
  ...around,
];
