import { type RefObject, useEffect, useId, useRef } from 'react';
import { IconButton } from '../design/icon-button.tsx';
import { Notice } from '../design/notice.tsx';
import { ComposerTask } from './composer-task.tsx';
import { isTouch, TextBox } from './text-box.tsx';
import { type ComposerProps, useComposer } from './use-composer.ts';
import type { Task } from './use-composing.ts';
import './composer.css';

/** Where one writes. */
export function Composer(props: ComposerProps) {
  const { task, timeline } = props;
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const composer = useComposer(props);
  useTakeFocus(box, task);
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        composer.submit();
      }}
    >
      <ComposerTask
        task={task}
        timeline={timeline}
        problem={composer.problem}
        onTask={composer.begin}
        onCancel={composer.cancel}
      />
      {composer.isLost && <Notice kind="error">This browser could not keep the message. Try again.</Notice>}
      <Line composer={composer} box={box} isEdit={task.kind === 'edit'} roomId={`${id}-room`} />
      <Room id={`${id}-room`} left={composer.room} />
    </form>
  );
}

type LineProps = {
  readonly composer: ReturnType<typeof useComposer>;
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly isEdit: boolean;
  readonly roomId: string;
};

function Line({ composer, box, isEdit, roomId }: LineProps) {
  return (
    <div className="composer__line">
      <TextBox
        box={box}
        value={composer.text}
        label={isEdit ? 'New text' : 'Message'}
        describedBy={composer.room === undefined ? undefined : roomId}
        onChange={composer.change}
        onEnter={composer.submit}
        onEscape={composer.cancel}
        onUp={composer.editLast}
      />
      <IconButton
        icon={isEdit ? 'check' : 'send'}
        label={isEdit ? 'Save' : 'Send'}
        kind="primary"
        type="submit"
        disabled={!composer.canSubmit}
      />
    </div>
  );
}

/** When the channel opens, and when one answers or edits; on a phone only then, as the keyboard covers half of the screen. */
function useTakeFocus(box: { readonly current: HTMLTextAreaElement | null }, task: Task): void {
  useEffect(() => {
    if (task.kind === 'new' && isTouch()) return;
    // The heading of the screen takes the focus when it opens: this comes after it.
    const frame = requestAnimationFrame(() => box.current?.focus());
    return () => cancelAnimationFrame(frame);
  }, [box, task]);
}

function Room({ id, left }: { readonly id: string; readonly left: number | undefined }) {
  if (left === undefined) return null;
  const words = left < 0 ? `${-left} characters too many` : `${left} characters left`;
  return (
    <p id={id} className={`composer__room${left < 0 ? ' composer__room--over' : ''}`}>
      {words}
    </p>
  );
}
