import { useReadable } from '../chat/readable.ts';
import { Button } from '../design/button.tsx';
import { IconButton } from '../design/icon-button.tsx';
import { Refusal } from '../design/refusal.tsx';
import type { Problem } from '../people/problem-of.ts';
import type { Message } from './message.ts';
import { ReplyQuote } from './reply-quote.tsx';
import type { Timeline } from './timeline.ts';
import type { Task } from './use-composing.ts';

type Props = {
  readonly task: Task;
  readonly timeline: Timeline<Message>;
  readonly problem: Problem | undefined;
  readonly onTask: (task: Task) => void;
  readonly onCancel: () => void;
};

/** Above the field: what is answered or edited, and why it was not saved. */
export function ComposerTask({ task, timeline, problem, onTask, onCancel }: Props) {
  if (task.kind === 'new') return null;
  const isEdit = task.kind === 'edit';
  return (
    <>
      <div className="composer__task">
        <div className="composer__quote">
          <span className="composer__task-name">{isEdit ? 'Edit message' : 'Reply'}</span>
          <ReplyQuote answered={task.message} />
        </div>
        <IconButton icon="close" label={isEdit ? 'Do not edit' : 'Do not reply'} onClick={onCancel} />
      </div>
      {problem?.code === 'STALE' ? (
        <Stale message={task.message} timeline={timeline} onTask={onTask} />
      ) : (
        problem && <Refusal refusal={problem} />
      )}
    </>
  );
}

type StaleProps = { readonly message: Message } & Pick<Props, 'timeline' | 'onTask'>;

/** It was changed meanwhile, on another device: what it says now, before one decides. */
function Stale({ message, timeline, onTask }: StaleProps) {
  const { rows } = useReadable(timeline.state);
  const now = rows.find((row) => row.message.id === message.id)?.message ?? message;
  return (
    <div className="composer__stale" role="alert">
      <p>It was changed meanwhile, on another device. Now it says:</p>
      <ReplyQuote answered={now} />
      <Button onClick={() => onTask({ kind: 'edit', message: now })}>Keep my text</Button>
    </div>
  );
}
