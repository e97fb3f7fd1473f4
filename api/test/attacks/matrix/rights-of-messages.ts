import type { Section } from './section.ts';
import { bothOfBroken, inMessage, inRepeated, members, membersMay, membersNull } from './ways.ts';

// Who gets what of a message.

export const rightsOfMessages: readonly Section[] = [
  {
    type: 'Message',
    met: 'an edited answer of the owner',
    document: inMessage,
    fields: {
      'id channel number author revision text replyToNumber replyTo createdAt editedAt viewerCan notificationDecision':
        members,
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
      'text replyToNumber replyTo editedAt notificationDecision': membersNull,
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
      // Of what one says oneself: it is kept that nobody was told, and not shown to who is there no more.
      notificationDecision: { ...members, 'ex-member': 'null' },
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
    met: 'on a message of the owner to who is blocked since',
    document: (cells, { scene }) => `{ message(id: "${scene.brokenMessageId}") { viewerCan { ${cells} } } }`,
    fields: {
      id: bothOfBroken,
      reply: { ...bothOfBroken, blocked: 'may not: NOT_ACCEPTING', OWNER: 'may not: NOT_ACCEPTING' },
      edit: { ...bothOfBroken, blocked: 'may not: NOT_YOURS', OWNER: 'may not: NOT_ACCEPTING' },
      delete: { ...bothOfBroken, blocked: 'may not: NOT_YOURS', OWNER: 'may' },
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
