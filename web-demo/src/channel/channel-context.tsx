import { createContext, use } from 'react';
import type { Message } from './message.ts';
import type { Ticks } from './ticks.ts';

/** What can be done with what is on the screen. It stays the same as long as the channel is open, so that no row is drawn again for it. */
export type ChannelActions = {
  reply(message: Message): void;
  edit(message: Message): void;
  /** Asks first. */
  remove(message: Message): void;
  showReaders(message: Message): void;
  /** Why the viewer was told of it, or was not. */
  showWhy(message: Message): void;
  /** Shows the message that this one answers. */
  jumpTo(messageId: string): void;
};

export const ChannelActionsContext = createContext<ChannelActions | undefined>(undefined);
export const TicksContext = createContext<Ticks>({ readByAllNumber: null, deliveredToAllNumber: null });

export function useChannelActions(): ChannelActions {
  const actions = use(ChannelActionsContext);
  if (!actions) throw new Error('No channel is open here.');
  return actions;
}
