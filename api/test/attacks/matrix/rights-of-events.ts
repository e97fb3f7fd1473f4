import type { Rights } from './roles.ts';
import type { Place, Section } from './section.ts';

// Who is told what of what happened in the group, when they go on from a cursor of before it. Who was removed in the meantime
// is told nothing but that it is gone.

const members: Rights = { anonymous: 'UNAUTHENTICATED', outsiders: 'absent', members: 'given' };
const nobody: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'absent' };
const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'given' };

const behind = (type: string, field: 'cursor' | 'lostCursor' = 'cursor') => {
  return (cells: string, { scene, role }: Place) => {
    const after = role === 'anonymous' ? scene[field].OWNER : scene[field][role];
    return `subscription { events(after: ["${after}"]) { kind: __typename ... on ${type} { ${cells} } } }`;
  };
};
const base = 'eventId cursor at';
const event = (type: string, fields: Section['fields']): Section => ({
  type,
  document: behind(type),
  fields,
});

export const rightsOfEvents: readonly Section[] = [
  event('MessageSent', { [`${base} channelId channel messageId message`]: members }),
  event('MessageEdited', { [`${base} channelId channel messageId message`]: members }),
  event('MessageDeleted', { [`${base} channelId channel messageId message by revision`]: members }),
  event('PositionsChanged', { [`${base} channelId channel members`]: members }),
  event('MemberAdded', {
    [`${base} channelId channel memberId by`]: members,
    // Of somebody who is gone again.
    member: { ...members, members: 'null' },
  }),
  event('MemberRoleChanged', {
    [`${base} channelId channel memberId by`]: members,
    member: { ...members, members: 'null' },
  }),
  event('MemberRemoved', { [`${base} channelId channel memberId user by`]: members }),
  event('ChannelUpdated', { [`${base} channelId channel by`]: members }),
  // One's own matter, told to oneself: the members have read, and who was removed has lost the group.
  event('ViewerChannelChanged', {
    [`${base} channelId`]: { ...members, 'ex-member': 'given' },
    channel: { ...members, 'ex-member': 'null' },
  }),
  event('ViewerChanged', { [`${base} viewer`]: signedIn }),
  // The owner has asked somebody.
  event('ContactChanged', { [`${base} userId user`]: { ...nobody, OWNER: 'given' } }),
  event('CaughtUp', { [base]: signedIn }),
  { ...event('Checkpoint', { [base]: members }), scene: 'busy' },
  {
    type: 'SyncReset',
    document: behind('SyncReset', 'lostCursor'),
    // Of whoever is in some channel: who is blocked is in that with the owner.
    fields: { [`${base} channelId channel reason`]: { ...members, blocked: 'given' } },
  },
  {
    type: 'ViewerReset',
    document: behind('ViewerReset', 'lostCursor'),
    fields: { [`${base} reason`]: signedIn },
  },
  {
    type: 'Changes',
    document: (cells, { scene, role }) =>
      `{ changes(after: ["${scene.cursor[role === 'anonymous' ? 'OWNER' : role]}"]) { ${cells} } }`,
    fields: { 'cursor hasMore events': signedIn },
  },
];
