import type { ViewerScope } from '../scope.ts';
import type { Denied, Refusal } from '../verdict.ts';
import { type ContactInput, type ContactPayload, changeContact } from './change-contact.ts';
import { areBlocked, canRequestContact, type Sides, whenRequested } from './contact.policy.ts';

/** Asks somebody to be a contact, or meets their request. Repeating it changes nothing. */
export const requestContact = (
  scope: ViewerScope,
  { userId }: ContactInput,
): Promise<ContactPayload | Refusal> => changeContact(scope, userId, requestBetween);

/** What becomes of two people when one asks, or why it is refused. Pure. */
export function requestBetween(sides: Sides): Sides | Denied {
  const asked = { isSelf: false, state: sides.mine.state, isBlocked: areBlocked(sides) };
  const verdict = canRequestContact(asked);
  return verdict.allowed ? whenRequested(sides) : verdict;
}
