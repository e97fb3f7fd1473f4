import { useState } from 'react';
import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { TextLimitsDocument } from '../gql/graphql.ts';
import type { Message } from './message.ts';
import { roomLeft } from './text-size.ts';
import type { Timeline } from './timeline.ts';
import { newestOwn, newMessage, type Task, useEditing } from './use-composing.ts';
import { useDraft } from './use-draft.ts';
import { useTypingNotice } from './use-typing-notice.ts';

export type ComposerProps = {
  readonly channelId: string;
  readonly timeline: Timeline<Message>;
  readonly task: Task;
  readonly onTask: (task: Task) => void;
  /** Something was sent: it stands at the end. */
  readonly onSent: () => void;
};

const noText = { id: '', text: '' };

/** What is written, for a new message or for one that is edited, and where it goes. */
export function useComposer({ channelId, timeline, task, onTask, onSent }: ComposerProps) {
  const chat = useChat();
  const draft = useSending(channelId);
  /** What is written instead of the text of a message. Another copy of the same message keeps it. */
  const [newText, setNewText] = useState(noText);
  const begin = (next: Task) => {
    editing.forget();
    if (next.kind !== 'edit') setNewText(noText);
    onTask(next);
  };
  const editing = useEditing({ timeline, onDone: () => begin(newMessage) });

  const edited = task.kind === 'edit' ? task.message : undefined;
  const old = edited?.id === newText.id ? newText.text : edited?.text;
  const text = edited ? (old ?? '') : draft.text;
  const room = useRoomLeft(text);
  const canSubmit = text.trim() !== '' && (room ?? 0) >= 0 && !editing.isBusy;
  const submit = () => {
    if (!canSubmit) return;
    if (edited) return void editing.save(edited, text.trim());
    draft.send(task.kind === 'reply' ? task.message.id : undefined);
    onTask(newMessage);
    onSent();
  };
  return {
    text,
    room,
    canSubmit,
    submit,
    begin,
    cancel: () => begin(newMessage),
    change: (next: string) => (edited ? setNewText({ id: edited.id, text: next }) : draft.change(next)),
    /** Arrow up in an empty field. */
    editLast(): void {
      const message = newestOwn(chat, timeline, channelId);
      if (!message) return;
      begin({ kind: 'edit', message });
      void editing.check(message);
    },
    problem: editing.problem,
    isLost: draft.isLost,
  };
}

/** A new message: the draft, and its way into the outbox. */
function useSending(channelId: string) {
  const { outbox, viewerId } = useChat();
  const [text, setText] = useDraft(viewerId, channelId);
  const [isLost, setLost] = useState(false);
  const typing = useTypingNotice(channelId);
  return {
    text,
    isLost,
    change(next: string): void {
      setText(next);
      if (next.trim() === '') typing.onStop();
      else typing.onKey();
    },
    send(replyToId: string | undefined): void {
      setLost(false);
      outbox.add({ channelId, text: text.trim(), ...(replyToId && { replyToId }) }).catch(() => {
        // This browser cannot keep it: it stays where it was written.
        setText(text);
        setLost(true);
      });
      setText('');
      typing.onSent();
    },
  };
}

function useRoomLeft(text: string): number | undefined {
  const [{ data }] = useQuery({ query: TextLimitsDocument });
  return data && roomLeft(text, data.server.limits);
}
