import type { Section } from './section.ts';
import {
  bothOfBroken,
  bothOfTwo,
  inBroken,
  inChannel,
  inDirect,
  inRepeated,
  members,
  membersMay,
  membersNull,
  noGroup,
} from './ways.ts';

// Who gets what of a channel: one line per rule, the fields and who gets them.

export const rightsOfChannels: readonly Section[] = [
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
    type: 'Channel',
    met: 'a direct one in which one has blocked the other',
    document: inBroken,
    fields: {
      'id kind createdAt historyVisibility memberCount directPeer members viewerState viewerCan':
        bothOfBroken,
      'lastNumber lastMessage messages messagesAround': bothOfBroken,
      'name topic': { ...bothOfBroken, blocked: 'null', OWNER: 'null' },
    },
  },
  {
    type: 'ViewerState',
    document: (cells, place) => inChannel(`viewerState { ${cells} }`, place),
    fields: {
      'id member isMuted isArchived': members,
      'mutedUntil notificationLevel': { ...membersNull, MEMBER: 'given' },
      'unreadCount countedToNumber countedToRevision isMarkedUnread': members,
      'readByAllNumber deliveredToAllNumber': members,
    },
  },
  {
    type: 'ViewerState',
    met: 'of a group that one wrote to and that is asked for by it',
    document: (cells, place) => inRepeated(`channel { viewerState { ${cells} } }`, place),
    fields: {
      'id member isMuted isArchived': { ...members, 'ex-member': 'given' },
      'mutedUntil notificationLevel': { ...membersNull, MEMBER: 'given', 'ex-member': 'null' },
      // Who left is told nothing of what is said and read there since.
      'unreadCount countedToNumber countedToRevision': { ...members, 'ex-member': 'empty' },
      isMarkedUnread: { ...members, 'ex-member': 'given' },
      'readByAllNumber deliveredToAllNumber': { ...members, 'ex-member': 'null' },
    },
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
    met: 'in a direct channel in which one has blocked the other',
    document: (cells, place) => inBroken(`viewerCan { ${cells} }`, place),
    fields: {
      id: bothOfBroken,
      send: { ...bothOfBroken, blocked: 'may not: NOT_ACCEPTING', OWNER: 'may not: NOT_ACCEPTING' },
      'addMembers leave update removeMembers setRoles': { ...bothOfBroken, blocked: noGroup, OWNER: noGroup },
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
    fields: { 'id user role joinedAt': members, 'readNumber deliveredNumber': members },
  },
  {
    type: 'Member',
    met: 'by its id',
    document: (cells, { scene }) => `{ node(id: "${scene.memberId}") { ... on Member { ${cells} } } }`,
    fields: { 'id user role joinedAt': members, 'readNumber deliveredNumber': members },
  },
  {
    type: 'Member',
    met: 'who lets nobody see how far they have read',
    document: (cells, { scene }) => `{ node(id: "${scene.privateId}") { ... on Member { ${cells} } } }`,
    fields: { 'id user role joinedAt': members, 'readNumber deliveredNumber': membersNull },
  },
  {
    type: 'Member',
    met: 'who one is oneself, or was',
    document: (cells, place) => inRepeated(`channel { viewerState { member { ${cells} } } }`, place),
    fields: {
      'id user role joinedAt': { ...members, 'ex-member': 'given' },
      'readNumber deliveredNumber': { ...members, 'ex-member': 'null' },
    },
  },
];
