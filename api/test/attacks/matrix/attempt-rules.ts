import { isSignedIn, type Rights } from './roles.ts';
import type { Place } from './section.ts';

// The rules that many attempts share, and what their inputs are made of.

export const everybody: Rights = { everybody: 'done' };
export const signedIn: Rights = { anonymous: 'UNAUTHENTICATED', 'signed in': 'done' };
/** Outsiders are told what they would be told of a group that does not exist. */
export const members: Rights = {
  anonymous: 'UNAUTHENTICATED',
  outsiders: 'Denied NOT_FOUND',
  members: 'done',
};
export const managers: Rights = { ...members, MEMBER: 'Denied ROLE_TOO_LOW' };
export const owners: Rights = { ...managers, ADMIN: 'Denied ROLE_TOO_LOW' };
/** Who was there knows the group, and is told what they lack. */
export const senders: Rights = { ...members, 'ex-member': 'Denied NOT_A_MEMBER' };
export const authors: Rights = { ...members, members: 'Denied NOT_YOURS' };

export const device = { label: 'A browser', platform: 'WEB' };
export const channelOnly = ({ scene: { channelId } }: Place) => ({ channelId });
export const own = ({ scene, role }: Place) => scene.ownId[isSignedIn(role) ? role : 'OWNER'];
export const self = ({ cast, role }: Place) => cast.player(isSignedIn(role) ? role : 'OWNER');
