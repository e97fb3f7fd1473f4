import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { type ContactInput, type ContactPayload, changeContact } from './change-contact.ts';
import { whenRemoved } from './contact.policy.ts';

/** Ends a contact, or withdraws a request. Where there is neither, nothing changes. */
export const removeContact = (
  scope: ViewerScope,
  { userId }: ContactInput,
): Promise<ContactPayload | Refusal> => changeContact(scope, userId, whenRemoved);
