import { Button } from '../design/button.tsx';
import { Spinner } from '../design/spinner.tsx';
import type { Message } from './message.ts';
import type { TimelineState } from './timeline-frame.ts';

type State = TimelineState<Message>;
type Props = { readonly state: State; readonly onRetry: () => void };

/** Above the first message: always of one height, so that nothing moves when it says something else. */
export function StartOfList({ state, title, isGroup, onRetry }: Props & { title: string; isGroup: boolean }) {
  return (
    <div className="message-list__start">
      {state.older === 'failed' ? (
        <Failed what="Older messages" onRetry={onRetry} />
      ) : state.hasOlder ? (
        <Spinner label="Loading older messages" />
      ) : (
        <p>
          This is the beginning of {isGroup ? '' : 'what you and '}
          <bdi dir="auto">{title}</bdi>
          {isGroup ? '' : ' said'}.
        </p>
      )}
    </div>
  );
}

/** Below the last one. */
export function EndOfList({ state, onRetry }: Props) {
  return (
    <div className="message-list__end">
      {state.newer === 'failed' && <Failed what="Newer messages" onRetry={onRetry} />}
      {state.newer === 'loading' && <Spinner label="Loading newer messages" />}
    </div>
  );
}

export function Failed({ what, onRetry }: { readonly what: string; readonly onRetry: () => void }) {
  return (
    <div className="message-list__failed">
      <span>{what} could not be loaded.</span>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
