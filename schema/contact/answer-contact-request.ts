import type { ViewerScope } from '../scope.ts';
import type { Denied, Refusal } from '../verdict.ts';
import { type ContactInput, type ContactPayload, changeContact } from './change-contact.ts';
import { canAnswerRequest, type Sides, whenAnswered } from './contact.policy.ts';

export type AnswerContactRequestInput = ContactInput & { readonly accept: boolean };

/** Accepts or declines what somebody asked. They are told when it is accepted, and nothing when it is declined. */
export const answerContactRequest = (
  scope: ViewerScope,
  { userId, accept }: AnswerContactRequestInput,
): Promise<ContactPayload | Refusal> => changeContact(scope, userId, (sides) => answerBetween(sides, accept));

/** What becomes of two people when one answers the other, or why there is nothing to answer. Pure. */
export function answerBetween(sides: Sides, accept: boolean): Sides | Denied {
  const verdict = canAnswerRequest(sides.mine, accept);
  return verdict.allowed ? whenAnswered(sides, accept) : verdict;
}
