import type { ViewerScope } from '../scope.ts';
import type { Refusal } from '../verdict.ts';
import { type ContactInput, type ContactPayload, changeContact } from './change-contact.ts';
import { whenBlocked } from './contact.policy.ts';

/** Blocks somebody, who learns no more than that they are no contact any more, and cannot reach the viewer. */
export const blockUser = (scope: ViewerScope, { userId }: ContactInput): Promise<ContactPayload | Refusal> =>
  changeContact(scope, userId, whenBlocked);
