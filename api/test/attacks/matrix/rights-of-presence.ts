import type { Rights } from './roles.ts';
import type { Place, Section } from './section.ts';
import { guestWrites, inOwner, members } from './ways.ts';

// Who is told whether the OWNER is there, who is connected and has turned away; and who hears that the guest writes in the group.

/** Contacts, and who is in a channel with them. */
const near: Rights = {
  anonymous: 'UNAUTHENTICATED',
  'signed in': 'given',
  stranger: 'absent',
  'ex-member': 'absent',
};
/** Who is blocked sees somebody who is gone, and is not told since when. */
const nearAndAccepted: Rights = { ...near, blocked: 'null' };
const fields = { 'id state validUntil at': near, lastSeenAt: nearAndAccepted };

const watchingOwner = (cells: string, { cast }: Place) =>
  `subscription { presence(userIds: ["${cast.player('OWNER').userId}"]) { ${cells} } }`;
/** Nothing has to happen: what is so is told first. */
const nothing = async () => undefined;

export const rightsOfPresence: readonly Section[] = [
  {
    type: 'Presence',
    met: 'at a person',
    document: (cells, place) => inOwner(`presence { ${cells} }`, place),
    fields,
  },
  {
    type: 'Presence',
    met: 'by those who watch',
    document: (cells, place) => watchingOwner(`user { presence { ${cells} } }`, place),
    happening: nothing,
    fields,
  },
  { type: 'PresenceChanged', document: watchingOwner, happening: nothing, fields: { user: near } },
  {
    type: 'TypingState',
    document: (cells, { scene }) =>
      `subscription { typing(channelIds: ["${scene.channelId}"]) { ${cells} } }`,
    happening: guestWrites,
    fields: { 'channelId channel user isTyping validUntil': members },
  },
];
