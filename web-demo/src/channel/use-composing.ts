import { useState } from 'react';
import { type Chat, useChat } from '../chat/chat-context.tsx';
import { EditMessageDocument, MessageActionsDocument } from '../gql/graphql.ts';
import { type Problem, problemOf } from '../people/problem-of.ts';
import type { Message } from './message.ts';
import type { Timeline } from './timeline.ts';

/** What the composer makes: a new message, an answer, or a new text for a message that is there. */
export type Task =
  | { readonly kind: 'new' }
  | { readonly kind: 'reply'; readonly message: Message }
  | { readonly kind: 'edit'; readonly message: Message };

export const newMessage: Task = { kind: 'new' };

/** The newest message of the viewer's own that is there to be edited; none while a newer one is still on its way. */
export function newestOwn({ outbox, viewerId }: Chat, timeline: Timeline<Message>, channelId: string) {
  const { rows, hasNewer } = timeline.state.get();
  const isHere = (nonce: string) => rows.some(({ message }) => message.nonce === nonce);
  const isOnItsWay = outbox.items.get().some((item) => item.channelId === channelId && !isHere(item.nonce));
  if (hasNewer || isOnItsWay) return undefined;
  return rows.findLast(({ message: { author, deletedAt } }) => author?.id === viewerId && !deletedAt)
    ?.message;
}

type Parts = { readonly timeline: Timeline<Message>; readonly onDone: () => void };

/** Saves the new text of a message. When somebody else (the viewer, on another device) was quicker, nothing is overwritten. */
export function useEditing({ timeline, onDone }: Parts) {
  const { client } = useChat();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  async function save(message: Message, text: string): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    const input = { messageId: message.id, text, ifRevision: message.revision };
    const { data, error } = await client.mutation(EditMessageDocument, { input }).toPromise();
    setBusy(false);
    if (!data) return setProblem(problemOf(error));
    const result = data.editMessage;
    if (result.__typename === 'EditMessagePayload') {
      timeline.onChanged(result.message);
      return onDone();
    }
    setProblem({ until: null, ...result });
  }
  /** Says at once, if it is so, that this message cannot be edited any more. */
  async function check({ id }: Message): Promise<void> {
    const policy = { requestPolicy: 'network-only' } as const;
    const { data } = await client.query(MessageActionsDocument, { id }, policy).toPromise();
    const verdict = data?.message?.viewerCan.edit;
    if (!verdict || verdict.isAllowed) return; // without an answer, saving will tell
    setProblem({ code: verdict.code ?? '', explanation: verdict.explanation ?? '', until: verdict.until });
  }
  return { save, check, isBusy, problem, forget: () => setProblem(undefined) };
}
