import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Chat, useChat } from '../chat/chat-context.tsx';
import { useReadable } from '../chat/readable.ts';
import type { ChannelQuery } from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';
import type { Message } from './message.ts';
import { messagesOf } from './message-pages.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { foundAt, type Place } from './timeline-window.ts';

export type Channel = NonNullable<ChannelQuery['channel']>;

/** What the list is to bring before the eyes: a message, or its end. Each wish is an object of its own. */
export type Target =
  | { readonly kind: 'end' }
  /** `offset`: so far above the upper edge it begins. */
  | { readonly kind: 'place'; readonly messageId: string; readonly offset: number }
  | { readonly kind: 'unread'; readonly messageId: string }
  | { readonly kind: 'jump'; readonly messageId: string };

/** Where one was in each channel, when that was not its end; forgotten with the page. */
const left = new Map<string, { readonly number: number; readonly offset: number }>();

export const leaveAt = (channelId: string, at: { number: number; offset: number } | undefined): void =>
  at ? void left.set(channelId, at) : void left.delete(channelId);

/** The messages of a channel that is open, and what is to be shown of them. */
export function useTimeline(channel: Channel, at: number | undefined) {
  const chat = useChat();
  const { id } = channel;
  const timeline = useMemo(() => createTimeline(messagesOf(chat, id)), [chat, id]);
  // As it was when the channel was opened: what is read now does not move the line.
  const [opened] = useState({ channel, at });
  const [target, setTarget] = useState<Target>();
  const state = useReadable(timeline.state);

  useEffect(() => follow(chat, timeline, opened.channel), [chat, timeline, opened]);
  useEffect(() => {
    let isWanted = true;
    void openAt(timeline, opened.channel, opened.at).then((found) => isWanted && setTarget(found));
    return () => {
      isWanted = false;
      timeline.close();
    };
  }, [timeline, opened]);

  /** Whether it could be shown. */
  const jump = useCallback(
    async (place: Place): Promise<boolean> => {
      const message = await timeline.show(place);
      if (message) setTarget({ kind: 'jump', messageId: message.id });
      return message !== undefined;
    },
    [timeline],
  );
  const toEnd = useCallback(async (): Promise<void> => {
    await timeline.toNewest();
    setTarget({ kind: 'end' });
  }, [timeline]);
  useEffect(() => {
    if (at !== undefined && at !== opened.at) void jump({ number: at });
  }, [at, opened, jump]);

  return { timeline, state, target, jump, toEnd, unreadFrom: unreadFrom(opened.channel) };
}

function unreadFrom({ viewerState }: Channel): number | undefined {
  return viewerState.unreadCount > 0 ? (viewerState.member.readNumber ?? 0) + 1 : undefined;
}

/** Where one wanted to be, or had been, or has not read yet; the end otherwise. */
async function openAt(
  timeline: Timeline<Message>,
  channel: Channel,
  at: number | undefined,
): Promise<Target> {
  if (at !== undefined) {
    await timeline.open({ number: at });
    const message = foundAt(timeline.state.get(), { number: at });
    return message ? { kind: 'jump', messageId: message.id } : { kind: 'end' };
  }
  await timeline.open();
  const before = left.get(channel.id);
  const number = before?.number ?? unreadFrom(channel);
  const message = number === undefined ? undefined : await timeline.show({ number });
  if (!message) return { kind: 'end' };
  return before
    ? { kind: 'place', messageId: message.id, offset: before.offset }
    : { kind: 'unread', messageId: message.id };
}

/** Hands on what the stream tells of this channel, and tries again when the connection is back. */
function follow(chat: Chat, timeline: Timeline<Message>, { id, historyVisibility }: Channel) {
  let visibility = historyVisibility;
  const ends = [
    chat.connection.subscribe(() => {
      if (chat.connection.get() === 'live') void timeline.retry();
    }),
    chat.onEvent((event) => {
      if (event.__typename === 'ViewerReset') void timeline.onReset();
      if (!('channelId' in event) || event.channelId !== id) return;
      hear(timeline, event);
      const next = event.channel?.historyVisibility ?? visibility;
      // More or less of what was there before can be seen now.
      if (next !== visibility) void timeline.onReset();
      visibility = next;
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function hear(timeline: Timeline<Message>, event: ChatEvent): void {
  const { __typename: kind } = event;
  if (kind === 'MessageSent' && event.message) timeline.onSent(event.message);
  if ((kind === 'MessageEdited' || kind === 'MessageDeleted') && event.message)
    timeline.onChanged(event.message);
  if (kind === 'SyncReset') void timeline.onReset();
}
