import { use } from 'react';
import { Icon } from '../design/icon.tsx';
import { TicksContext } from './channel-context.tsx';
import { sentState } from './ticks.ts';

const words = { sent: 'Sent', delivered: 'Delivered', read: 'Read' } as const;

/** Marks of a message of one's own: one when the server has it, two when all others have received it, in colour when all have read it. */
export function MessageState({ number }: { readonly number: number }) {
  const state = sentState(number, use(TicksContext));
  return (
    <span className={`bubble__state bubble__state--${state}`} title={words[state]}>
      <Icon name={state === 'sent' ? 'check' : 'checks'} />
      <span className="visually-hidden">{words[state]}</span>
    </span>
  );
}
