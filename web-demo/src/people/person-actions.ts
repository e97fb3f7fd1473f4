import { type Person, reasonOf } from './person.ts';

export type PersonAct =
  | 'message'
  | 'request'
  | 'withdraw'
  | 'accept'
  | 'decline'
  | 'remove'
  | 'block'
  | 'unblock';

/** Something that can be done with a person. `reason`: why it cannot be done now. */
export type PersonAction = {
  readonly act: PersonAct;
  readonly label: string;
  readonly reason: string | undefined;
};
/** What to show at once, the most likely first, and what stands in the menu. */
export type PersonActions = {
  readonly main: readonly PersonAction[];
  readonly more: readonly PersonAction[];
};

const labels: Readonly<Record<PersonAct, string>> = {
  message: 'Message',
  request: 'Ask for contact',
  withdraw: 'Withdraw request',
  accept: 'Accept',
  decline: 'Decline',
  remove: 'Remove contact',
  block: 'Block',
  unblock: 'Unblock',
};

const acts: Readonly<Record<Person['viewerContact'], readonly [main: PersonAct[], more: PersonAct[]]>> = {
  NONE: [['message', 'request'], ['block']],
  REQUESTED_BY_ME: [['message'], ['withdraw', 'block']],
  REQUESTED_BY_THEM: [
    ['accept', 'decline'],
    ['message', 'block'],
  ],
  CONTACT: [['message'], ['remove', 'block']],
  BLOCKED_BY_ME: [['unblock'], ['message']],
};

function reasonAgainst(act: PersonAct, { viewerContact, viewerCan }: Person): string | undefined {
  if (act === 'message')
    // The server says only that they cannot be reached; the viewer may know why.
    return viewerContact === 'BLOCKED_BY_ME'
      ? 'You have blocked them: unblock them first.'
      : reasonOf(viewerCan.openDirectChannel);
  return act === 'request' ? reasonOf(viewerCan.requestContact) : undefined;
}

/** What the viewer may do with this person, by what is between them. */
export function actionsWith(person: Person): PersonActions {
  const [main, more] = acts[person.viewerContact];
  const actionOf = (act: PersonAct) => ({ act, label: labels[act], reason: reasonAgainst(act, person) });
  return { main: main.map(actionOf), more: more.map(actionOf) };
}
