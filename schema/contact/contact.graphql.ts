import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import { isBlockedWith, relationTo, type User } from '../account/users.ts';
import { builder } from '../builder.ts';
import { idPrefix } from '../ids.ts';
import { type Page, pageComplexity } from '../page.ts';
import { VerdictRef } from '../refusal.graphql.ts';
import { canRequestContact, contactStateOf } from './contact.policy.ts';
import { blockedUsersOf, contactRequestsOf, contactsOf, type ListedEdge } from './contacts.ts';

const ContactStateEnum = builder.enumType('ContactState', {
  description: 'What the viewer has towards a person.',
  values: {
    NONE: { description: 'Nothing. A request that the viewer declined is nothing, too.' },
    REQUESTED_BY_ME: {
      description: 'The viewer has asked, and there is no answer. To be declined looks like this, too.',
    },
    REQUESTED_BY_THEM: { description: 'They have asked, and wait for `answerContactRequest`.' },
    CONTACT: { description: 'They are contacts of each other.' },
    BLOCKED_BY_ME: { description: 'The viewer has blocked them. They are not told.' },
  },
});

/** Slices behind this one add what they let the viewer do. */
export const UserAbilitiesRef = builder.objectRef<User>('UserAbilities').implement({
  description:
    'What the viewer may do with a person, by the same rules that the mutations ask. `ContactChanged` brings the person, and so ' +
    'these verdicts; but nothing tells when those about a stranger change: ask again before you offer one.',
  fields: (t) => ({
    id: t.id({
      description: 'One per person.',
      resolve: ({ id }) => idPrefix.UserAbilities + id.slice(idPrefix.User.length),
    }),
    requestContact: t.field({
      type: VerdictRef,
      description: 'Ask them to be a contact, or meet their request, with `requestContact`.',
      resolve: (user) => canRequestContact({ ...relationTo(user), isBlocked: isBlockedWith(user) }),
    }),
  }),
});

builder.objectFields(UserRef, (t) => ({
  viewerContact: t.field({
    type: ContactStateEnum,
    description: 'What the viewer has towards them. `ContactChanged` tells when it is something else.',
    resolve: (user) => contactStateOf(relationTo(user)),
  }),
  viewerCan: t.field({
    type: UserAbilitiesRef,
    description: 'What the viewer may do with them, now.',
    resolve: (user) => user,
  }),
}));

type ListedPage = Page<User, ListedEdge>;

const ContactEdge = builder.edgeObject<typeof UserRef, ListedPage>({
  name: 'ContactEdge',
  description: 'A contact in a list.',
  type: UserRef,
  fields: (t) => ({
    since: t.expose('at', { type: 'DateTime', description: 'Since when they are contacts.' }),
  }),
});
const ContactConnection = builder.connectionObject(
  { name: 'ContactConnection', description: 'A page of contacts.', type: UserRef },
  ContactEdge,
);

const ContactRequestDirectionEnum = builder.enumType('ContactRequestDirection', {
  description: 'Who asked.',
  values: {
    INCOMING: { description: 'Others, and the viewer has not answered.' },
    OUTGOING: { description: 'The viewer, and it was not accepted. Those declined are among them.' },
  },
});
const ContactRequestEdge = builder.edgeObject<typeof UserRef, ListedPage>({
  name: 'ContactRequestEdge',
  description: 'A request for contact in a list.',
  type: UserRef,
  fields: (t) => ({
    requestedAt: t.expose('at', { type: 'DateTime', description: 'When it was asked.' }),
  }),
});
const ContactRequestConnection = builder.connectionObject(
  { name: 'ContactRequestConnection', description: 'A page of requests for contact.', type: UserRef },
  ContactRequestEdge,
);

const BlockedUserEdge = builder.edgeObject<typeof UserRef, ListedPage>({
  name: 'BlockedUserEdge',
  description: 'Somebody in the list of those whom the viewer has blocked.',
  type: UserRef,
  fields: (t) => ({
    blockedAt: t.expose('at', { type: 'DateTime', description: 'When the viewer blocked them.' }),
  }),
});
const BlockedUserConnection = builder.connectionObject(
  {
    name: 'BlockedUserConnection',
    description: 'A page of people whom the viewer has blocked.',
    type: UserRef,
  },
  BlockedUserEdge,
);

builder.objectFields(ViewerRef, (t) => ({
  contacts: t.connection(
    {
      type: UserRef,
      description: 'The contacts of the viewer, by handle. At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
      resolve: (viewer, args, scope) => contactsOf(scope, viewer, args),
    },
    ContactConnection,
  ),
  contactRequests: t.connection(
    {
      type: UserRef,
      description:
        'Requests that wait for an answer, the newest first. At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
      args: {
        direction: t.arg({
          type: ContactRequestDirectionEnum,
          required: true,
          description: 'Whose requests.',
        }),
      },
      resolve: (viewer, args, scope) => contactRequestsOf(scope, viewer, args),
    },
    ContactRequestConnection,
  ),
  blockedUsers: t.connection(
    {
      type: UserRef,
      description: 'Whom the viewer has blocked, the newest first. At most 100 a page, 50 when not said.',
      complexity: pageComplexity,
      resolve: (viewer, args, scope) => blockedUsersOf(scope, viewer, args),
    },
    BlockedUserConnection,
  ),
}));
