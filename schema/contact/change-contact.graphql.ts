import { UserRef, ViewerRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { resultOf } from '../refusal.graphql.ts';
import { answerContactRequest } from './answer-contact-request.ts';
import { blockUser } from './block-user.ts';
import type { ContactPayload } from './change-contact.ts';
import { removeContact } from './remove-contact.ts';
import { requestContact } from './request-contact.ts';
import { unblockUser } from './unblock-user.ts';

const payloadOf = (name: `${string}Payload`, description: string) =>
  builder.objectRef<ContactPayload>(name).implement({
    description,
    fields: (t) => ({
      user: t.field({
        type: UserRef,
        description: 'The other person: see `viewerContact`.',
        resolve: ({ userId }) => userId,
      }),
      viewer: t.field({
        type: ViewerRef,
        description: 'The viewer, whose lists may have changed.',
        resolve: ({ viewer }) => viewer,
      }),
    }),
  });

const inputOf = (name: `${string}Input`, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ userId: t.id({ required: true, description: 'The other person.' }) }),
  });

const RequestContactInput = inputOf('RequestContactInput', 'Whom to ask.');
const RequestContactPayload = payloadOf(
  'RequestContactPayload',
  'They were asked, now or before; or are a contact, when they had asked the viewer.',
);
const RequestContactResult = resultOf('RequestContactResult', RequestContactPayload);

const AnswerContactRequestInput = builder.inputType('AnswerContactRequestInput', {
  description: 'Whose request to answer, and how.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Who has asked.' }),
    accept: t.boolean({ required: true, description: 'Yes; or, with `false`, no, which they are not told.' }),
  }),
});
const AnswerContactRequestPayload = payloadOf('AnswerContactRequestPayload', 'The request is answered.');
const AnswerContactRequestResult = resultOf('AnswerContactRequestResult', AnswerContactRequestPayload);

const RemoveContactInput = inputOf(
  'RemoveContactInput',
  'Whom to remove, or from whom to withdraw a request.',
);
const RemoveContactPayload = payloadOf(
  'RemoveContactPayload',
  'They are no contact, and the viewer does not ask them to be one.',
);
const RemoveContactResult = resultOf('RemoveContactResult', RemoveContactPayload);

const BlockUserInput = inputOf('BlockUserInput', 'Whom to block.');
const BlockUserPayload = payloadOf('BlockUserPayload', 'They are blocked.');
const BlockUserResult = resultOf('BlockUserResult', BlockUserPayload);

const UnblockUserInput = inputOf('UnblockUserInput', 'Whom to block no more.');
const UnblockUserPayload = payloadOf('UnblockUserPayload', 'They are not blocked.');
const UnblockUserResult = resultOf('UnblockUserResult', UnblockUserPayload);

builder.mutationFields((t) => ({
  requestContact: t.withAuth({ signedIn: true }).field({
    type: RequestContactResult,
    description:
      'Asks somebody to be a contact. When they have asked the viewer, both are contacts by that. Asking again changes nothing.',
    args: { input: t.arg({ type: RequestContactInput, required: true, description: 'Whom.' }) },
    resolve: (_, { input }, scope) => requestContact(scope, input),
  }),
  answerContactRequest: t.withAuth({ signedIn: true }).field({
    type: AnswerContactRequestResult,
    description:
      'Accepts or declines a request for contact. To decline is silent: for who asked it stays open, until they withdraw it ' +
      'with `removeContact`.',
    args: {
      input: t.arg({ type: AnswerContactRequestInput, required: true, description: 'Whose, and how.' }),
    },
    resolve: (_, { input }, scope) => answerContactRequest(scope, input),
  }),
  removeContact: t.withAuth({ signedIn: true }).field({
    type: RemoveContactResult,
    description:
      'Ends a contact, for both, or withdraws a request of the viewer. Where there is neither, nothing changes.',
    args: { input: t.arg({ type: RemoveContactInput, required: true, description: 'Whom.' }) },
    resolve: (_, { input }, scope) => removeContact(scope, input),
  }),
  blockUser: t.withAuth({ signedIn: true }).field({
    type: BlockUserResult,
    description:
      'Blocks somebody. A contact ends, as by `removeContact`, and so do requests. From then on neither of the two reaches the ' +
      'other (`NOT_ACCEPTING`): not by a request for contact, nor in their direct channel, nor by adding them to a group; and ' +
      '`searchUsers` does not find one for the other. In groups that both are in, nothing changes.',
    args: { input: t.arg({ type: BlockUserInput, required: true, description: 'Whom.' }) },
    resolve: (_, { input }, scope) => blockUser(scope, input),
  }),
  unblockUser: t.withAuth({ signedIn: true }).field({
    type: UnblockUserResult,
    description: 'Ends a block. The two are what strangers are to each other then.',
    args: { input: t.arg({ type: UnblockUserInput, required: true, description: 'Whom.' }) },
    resolve: (_, { input }, scope) => unblockUser(scope, input),
  }),
}));
