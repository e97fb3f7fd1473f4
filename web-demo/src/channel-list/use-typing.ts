import { useEffect, useSyncExternalStore } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { writersOf } from './writers.ts';
import type { Writer } from './writing.ts';

/** Who else writes in this channel now. Whoever shows a channel asks for it here, and thereby watches it. */
export function useWriters(channelId: string): readonly Writer[] {
  const writers = writersOf(useChat());
  useEffect(() => writers.watch([channelId]), [writers, channelId]);
  return useSyncExternalStore(writers.subscribe, () => writers.get(channelId));
}

/** `Bob is typing`, for a line of text; undefined when nobody is. */
export function wordsOfWriters(writers: readonly Writer[]): string | undefined {
  const [first, second, ...more] = writers;
  if (!first) return undefined;
  if (!second) return `${first.displayName} is typing`;
  if (more.length === 0) return `${first.displayName} and ${second.displayName} are typing`;
  return `${writers.length} people are typing`;
}
