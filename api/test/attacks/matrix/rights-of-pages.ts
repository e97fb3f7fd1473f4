import type { Rights } from './roles.ts';
import type { Place, Section } from './section.ts';
import { inChannel, inMessage, members, membersNull, ownViewer, signedIn } from './ways.ts';

// Who gets what of pages, and of what stands beside what is wanted.

const inSearch = (cells: string, { cast }: Place) =>
  `{ searchUsers(text: "${cast.guest.handle}") { ${cells} } }`;

/** One of the viewer's lists of people, and who has somebody in it. */
const listOf = (type: string, list: string, those: Rights): Section[] => [
  {
    type,
    document: (cells) => `{ viewer { ${list} { ${cells} } } }`,
    fields: { edges: { ...ownViewer, 'signed in': 'empty', ...those }, pageInfo: ownViewer },
  },
];
const edgeOf = (type: string, list: string, at: Readonly<Record<string, Rights>>): Section[] =>
  Object.entries(at).map(([name, those]) => ({
    type,
    document: (cells) => `{ viewer { ${list} { edges { ${cells} } } } }`,
    fields: { [`cursor node ${name}`]: { ...ownViewer, 'signed in': 'absent', ...those } },
  }));

/** Pages, and what stands beside what is wanted. */
export const rightsOfPages: readonly Section[] = [
  { type: 'UserSearchConnection', document: inSearch, fields: { 'edges pageInfo': signedIn } },
  {
    type: 'UserSearchEdge',
    document: (cells, place) => inSearch(`edges { ${cells} }`, place),
    fields: { 'cursor node': signedIn },
  },
  {
    type: 'ChannelConnection',
    document: (cells) => `{ viewer { channels { ${cells} } } }`,
    fields: { edges: { ...ownViewer, outsiders: 'empty', blocked: 'given' }, pageInfo: ownViewer },
  },
  {
    type: 'ChannelConnection',
    met: 'of those in which something is unread',
    document: (cells) => `{ viewer { channels(filter: { hasUnread: true }) { ${cells} } } }`,
    fields: { edges: { ...ownViewer, outsiders: 'empty', blocked: 'given' }, pageInfo: ownViewer },
  },
  {
    type: 'ChannelEdge',
    document: (cells) => `{ viewer { channels { edges { ${cells} } } } }`,
    fields: { 'cursor node': { ...ownViewer, outsiders: 'absent', blocked: 'given' } },
  },
  ...listOf('ContactConnection', 'contacts', { contact: 'given', OWNER: 'given' }),
  ...edgeOf('ContactEdge', 'contacts', { since: { contact: 'given', OWNER: 'given' } }),
  ...listOf('ContactRequestConnection', 'contactRequests(direction: OUTGOING)', { OWNER: 'given' }),
  ...edgeOf('ContactRequestEdge', 'contactRequests(direction: OUTGOING)', {
    requestedAt: { OWNER: 'given' },
  }),
  ...listOf('BlockedUserConnection', 'blockedUsers', { OWNER: 'given' }),
  ...edgeOf('BlockedUserEdge', 'blockedUsers', { blockedAt: { OWNER: 'given' } }),
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
