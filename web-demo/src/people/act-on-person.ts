import {
  AnswerContactRequestDocument,
  BlockUserDocument,
  OpenDirectChannelDocument,
  RemoveContactDocument,
  RequestContactDocument,
  UnblockUserDocument,
} from '../gql/graphql.ts';
import type { Person } from './person.ts';
import type { PersonAct } from './person-actions.ts';
import type { Ask } from './use-ask.ts';

type Changed = { readonly user: Person } | undefined;
export type ContactAct = Exclude<PersonAct, 'message'>;

const answer = (ask: Ask, userId: string, accept: boolean): Promise<Changed> =>
  ask(AnswerContactRequestDocument, { input: { userId, accept } }, (data) => data.answerContactRequest);
const remove = (ask: Ask, userId: string): Promise<Changed> =>
  ask(RemoveContactDocument, { input: { userId } }, (data) => data.removeContact);

const mutations: Readonly<Record<ContactAct, (ask: Ask, userId: string) => Promise<Changed>>> = {
  request: (ask, userId) => ask(RequestContactDocument, { input: { userId } }, (data) => data.requestContact),
  accept: (ask, userId) => answer(ask, userId, true),
  decline: (ask, userId) => answer(ask, userId, false),
  withdraw: remove,
  remove,
  block: (ask, userId) => ask(BlockUserDocument, { input: { userId } }, (data) => data.blockUser),
  unblock: (ask, userId) => ask(UnblockUserDocument, { input: { userId } }, (data) => data.unblockUser),
};

/** What was done, for those who cannot see it. */
const done: Readonly<Record<ContactAct, (name: string) => string>> = {
  request: (name) => `You have asked ${name} for contact.`,
  accept: (name) => `${name} is a contact now.`,
  decline: (name) => `You have declined the request of ${name}.`,
  withdraw: (name) => `Your request to ${name} is withdrawn.`,
  remove: (name) => `${name} is no contact any more.`,
  block: (name) => `${name} is blocked.`,
  unblock: (name) => `${name} is not blocked any more.`,
};

/** Changes what is between the viewer and somebody. Says what is so then; nothing when it was not done. */
export async function actOnPerson(ask: Ask, act: ContactAct, person: Person): Promise<string | undefined> {
  const changed = await mutations[act](ask, person.id);
  if (changed === undefined) return undefined;
  // Who asks somebody who had asked them is a contact by that.
  const isMet = act === 'request' && changed.user.viewerContact === 'CONTACT';
  return done[isMet ? 'accept' : act](person.displayName);
}

/** The id of the channel of the two, new or not; nothing when it was refused. */
export async function openDirectChannel(ask: Ask, userId: string): Promise<string | undefined> {
  const opened = await ask(
    OpenDirectChannelDocument,
    { input: { userId } },
    (data) => data.openDirectChannel,
  );
  return opened?.channel.id;
}
