import type { MessageFieldsFragment } from '../gql/graphql.ts';

export type Message = MessageFieldsFragment;

/** A held message after a change: of this one, or of the one that it answers. Of two copies the larger revision is newer. */
export function patchMessage(held: Message, changed: Message): Message {
  if (held.id === changed.id) return changed.revision > held.revision ? changed : held;
  const { replyTo } = held;
  if (replyTo?.id !== changed.id || changed.revision <= replyTo.revision) return held;
  const { text, revision, deletedAt } = changed;
  return { ...held, replyTo: { ...replyTo, text, revision, deletedAt } };
}
