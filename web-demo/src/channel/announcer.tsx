import { useEffect, useState } from 'react';
import { type Chat, useChat } from '../chat/chat-context.tsx';
import type { ChatEvent } from '../sync/apply-event.ts';
import { harmless } from './links.ts';

/** So much is read out; the rest is there to be gone to. */
const maxCharacters = 200;
/** Long enough to be read out. */
const shownMs = 10_000;
const nothing = { id: '', words: '' };

/** Says to who listens what others write while the channel is open. What was missed before is not read out. */
export function Announcer({ channelId }: { readonly channelId: string }) {
  const chat = useChat();
  const [said, setSaid] = useState(nothing);
  useEffect(
    () =>
      chat.onEvent((event) => {
        const words = wordsOf(event, channelId, chat);
        if (event.__typename === 'MessageSent' && words) setSaid({ id: event.messageId, words });
        // A text that was taken back is nowhere any more.
        if (event.__typename === 'MessageDeleted' || event.__typename === 'MessageEdited')
          setSaid((before) => (before.id === event.messageId ? nothing : before));
      }),
    [chat, channelId],
  );
  useEffect(() => {
    if (said === nothing) return;
    const timer = setTimeout(() => setSaid(nothing), shownMs);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {said.words}
    </p>
  );
}

/** What is said of an event; nothing of what was missed, of other channels, and of what one writes oneself. */
function wordsOf(event: ChatEvent, channelId: string, { viewerId, connection }: Chat): string {
  if (event.__typename !== 'MessageSent' || event.channelId !== channelId) return '';
  const { message } = event;
  if (!message?.text || message.author?.id === viewerId || connection.get() !== 'live') return '';
  return `${message.author?.displayName ?? 'System'}: ${harmless(message.text.slice(0, maxCharacters))}`;
}
