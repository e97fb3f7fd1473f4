import { Confirm } from './confirm.tsx';
import type { PersonAct } from './person-actions.ts';
import type { Asking } from './use-ask.ts';

/** What is asked once more, and what it does, for who is asked. */
const questions = {
  block: {
    title: (name: string) => `Block ${name}?`,
    label: 'Block',
    words:
      'You will not reach each other any more: not in the channel of the two of you, not by a request for contact, not by adding to a group. If you are contacts, that ends. They are not told. In groups that both of you are in, nothing changes.',
  },
  unblock: {
    title: (name: string) => `Unblock ${name}?`,
    label: 'Unblock',
    words:
      'You will be to each other what strangers are: either of you can write, or ask for contact, again.',
  },
  remove: {
    title: (name: string) => `Remove ${name} from your contacts?`,
    label: 'Remove contact',
    words: 'You will be no contacts of each other any more. What you have written stays.',
  },
} as const;
export type AskedFirst = keyof typeof questions;
export const isAskedFirst = (act: PersonAct): act is AskedFirst => act in questions;

type Props = {
  readonly act: AskedFirst;
  readonly name: string;
  readonly asking: Asking;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

export const ActQuestion = ({ act, name, asking, ...on }: Props) => (
  <Confirm
    title={questions[act].title(name)}
    label={questions[act].label}
    isDanger={act !== 'unblock'}
    isBusy={asking.isBusy}
    problem={asking.problem}
    {...on}
  >
    {questions[act].words}
  </Confirm>
);
