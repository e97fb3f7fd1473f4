import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { type ContactInput, type ContactPayload, changeContact } from './change-contact.ts';
import { whenUnblocked } from './contact.policy.ts';

/** Ends a block. What there was before does not come back. */
export const unblockUser = (
  scope: ViewerScope,
  { userId }: ContactInput,
): Promise<ContactPayload | Refusal> => changeContact(scope, userId, whenUnblocked);
