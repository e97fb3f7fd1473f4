import { password } from '../../../../schema/test/world.ts';
import { ownNonce } from './cast.ts';
import type { Rights } from './roles.ts';
import type { Place } from './section.ts';

// The rules that many lines of the table share, and the ways by which things are met.

export const everybody: Rights = { everybody: 'given' };
export const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'given' };
export const members: Rights = { anonymous: 'UNAUTHENTICATED', outsiders: 'absent', members: 'given' };
export const membersNull: Rights = { ...members, members: 'null' };
export const membersMay: Rights = { ...members, members: 'may' };
/** Hangs on `viewer`, which is null for who is not signed in. */
export const ownViewer: Rights = { anonymous: 'absent', 'signed in': 'given' };

export const inChannel = (cells: string, { scene }: Place) =>
  `{ channel(id: "${scene.channelId}") { ${cells} } }`;
export const inMessage = (cells: string, { scene }: Place) =>
  `{ message(id: "${scene.messageId}") { ${cells} } }`;
export const inOwner = (cells: string, { cast }: Place) =>
  `{ user(handle: "${cast.player('OWNER').handle}") { ${cells} } }`;
/** The guest is seen writing in the group. */
export const guestWrites = ({ cast, scene }: Place) =>
  cast.guest.query('mutation ($input: SetTypingInput!) { setTyping(input: $input) { __typename } }', {
    input: { channelId: scene.channelId, isTyping: true },
  });
/** Between the MEMBER and the OWNER; the others, whatever they are elsewhere, are strangers to it. */
export const inDirect = (cells: string, { scene }: Place) =>
  `{ channel(id: "${scene.directId}") { ${cells} } }`;
/** Between the OWNER and who was blocked. */
export const inBroken = (cells: string, { scene }: Place) =>
  `{ channel(id: "${scene.brokenId}") { ${cells} } }`;
export const bothOfBroken: Rights = {
  anonymous: 'UNAUTHENTICATED',
  'signed in': 'absent',
  blocked: 'given',
  OWNER: 'given',
};
export const noGroup = 'may not: NOT_A_GROUP';
export const bothOfTwo: Rights = { ...members, ADMIN: 'absent' };
/** What one sent and sends again: the answer is that message, also for who is in the channel no more. */
export const inRepeated = (cells: string, { scene }: Place) =>
  `mutation { result: sendMessage(input: { channelId: "${scene.channelId}", text: "mine", nonce: "${ownNonce}" }) {
    ... on SendMessagePayload { message { ${cells} } } } }`;
export const inOwnDevice = (cells: string, { cast, role }: Place) => {
  const id = role === 'anonymous' ? cast.guest.session.device.id : cast.player(role).session.device.id;
  return `{ node(id: "${id}") { ... on Device { ${cells} } } }`;
};
export const inDeviceOfGuest = (cells: string, { cast }: Place) =>
  `{ node(id: "${cast.guest.session.device.id}") { ... on Device { ${cells} } } }`;
const inEndpoint = (id: string, cells: string) =>
  `{ node(id: "${id}") { ... on PushEndpoint { ${cells} } } }`;
export const inOwnEndpoint = (cells: string, { cast, role }: Place) =>
  inEndpoint(cast.endpointId[role === 'anonymous' ? 'OWNER' : role], cells);
export const inEndpointOfGuest = (cells: string, { cast }: Place) => inEndpoint(cast.guestEndpointId, cells);
export const inSession = (cells: string, { cast }: Place) => {
  const device = 'device: { label: "Borrowed", platform: WEB }';
  return `mutation { signIn(input: { handle: "${cast.guest.handle}", password: "${password}", ${device} }) {
    ... on SignInPayload { session { ${cells} } } } }`;
};
