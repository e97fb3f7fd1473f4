import { useEffect, useState } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { useReadable } from '../chat/readable.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDevice } from './use-device.ts';
import './offer.css';

const keyOf = (viewerId: string) => `parley.notNow.${viewerId}`;

/** Whether something was said while this window was open: before, nobody knows what there would be to be told of. */
function useTalk(): boolean {
  const { onEvent, outbox } = useChat();
  const isWriting = useReadable(outbox.items).length > 0;
  const [hasTalked, setTalked] = useState(false);
  useEffect(() => onEvent((event) => event.__typename === 'MessageSent' && setTalked(true)), [onEvent]);
  return hasTalked || isWriting;
}

/** Asks once, when there is something to be told of: a browser wants a click, and takes a no for good. */
export function Offer() {
  const { viewerId } = useChat();
  const [isOver, setOver] = useState(() => localStorage.getItem(keyOf(viewerId)) !== null);
  return useTalk() && !isOver ? <OfferBar viewerId={viewerId} onOver={() => setOver(true)} /> : null;
}

type Props = { readonly viewerId: string; readonly onOver: () => void };

function OfferBar({ viewerId, onOver }: Props) {
  const { state, isBusy, problem, turnOn } = useDevice();
  // What cannot be turned on is not offered; the settings say why.
  if (state !== 'off' && problem === undefined) return null;
  const end = () => {
    localStorage.setItem(keyOf(viewerId), new Date().toISOString());
    onOver();
  };
  return (
    <section className="offer" aria-label="Notifications">
      {problem ? (
        <Notice kind="error">{problem.explanation}</Notice>
      ) : (
        <p>Shall this browser tell you of new messages when you are away?</p>
      )}
      <div className="offer__buttons">
        <Button isBusy={isBusy} kind="primary" onClick={() => void turnOn()}>
          Turn on notifications
        </Button>
        <Button onClick={end}>Not now</Button>
      </div>
    </section>
  );
}
