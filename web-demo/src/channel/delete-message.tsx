import { DeleteMessageDocument } from '../gql/graphql.ts';
import { Confirm } from '../people/confirm.tsx';
import { useAsk } from '../people/use-ask.ts';
import type { Message } from './message.ts';

type Props = {
  readonly message: Message;
  readonly onDeleted: (tombstone: Message) => void;
  readonly onClose: () => void;
};

/** Asks once more: the text is gone for all, for good. */
export function DeleteMessage({ message, onDeleted, onClose }: Props) {
  const { ask, isBusy, problem } = useAsk();
  const remove = async () => {
    const input = { messageId: message.id };
    const done = await ask(DeleteMessageDocument, { input }, (data) => data.deleteMessage);
    if (!done) return;
    onDeleted(done.message);
    onClose();
  };
  return (
    <Confirm
      title="Delete this message?"
      label="Delete"
      isBusy={isBusy}
      problem={problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      Its text will be gone for everybody here, for good. That it was there stays visible.
    </Confirm>
  );
}
