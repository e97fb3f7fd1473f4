import { createContext, use, useMemo } from 'react';
import type { Client } from 'urql';
import type { ChatEvent } from '../sync/apply-event.ts';
import type { Outbox, OutgoingMessage } from '../sync/outbox.ts';
import type { Readable } from '../sync/readable.ts';
import type { Connection } from '../tabs/one-leader.ts';
import { useReadable } from './readable.ts';

/** One account, open in this window. */
export type Chat = {
  /** The id of the viewer as others see them. */
  readonly viewerId: string;
  readonly client: Client;
  /** Past the cache, for what would only fill it: old messages by the thousand, what was found by a search. */
  readonly uncached: Client;
  readonly outbox: Outbox;
  readonly connection: Readable<Connection>;
  /** Whether the cache has the first screen, from what was stored or from the server. */
  readonly isStarted: Readable<boolean>;
  /** Hears of each event after the cache has it, in whichever tab; what is returned ends that. */
  onEvent(listener: (event: ChatEvent) => void): () => void;
  /** Ends the session, and forgets what was kept of it here. */
  signOut(): Promise<void>;
};

export const ChatContext = createContext<Chat | undefined>(undefined);

export function useChat(): Chat {
  const chat = use(ChatContext);
  if (!chat) throw new Error('Nobody is signed in here.');
  return chat;
}

export const useConnection = (): Connection => useReadable(useChat().connection);

/** What is still to be sent to this channel, in order. */
export function useOutbox(channelId: string): readonly OutgoingMessage[] {
  const items = useReadable(useChat().outbox.items);
  return useMemo(() => items.filter((item) => item.channelId === channelId), [items, channelId]);
}
