import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { type Chat, useChat } from '../chat/chat-context.tsx';
import { Dialog } from '../design/dialog.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import { Notice } from '../design/notice.tsx';
import { refusalWords } from '../design/refusal.tsx';
import { ChannelMembersDocument } from '../gql/graphql.ts';
import { Announcer } from './announcer.tsx';
import { type ChannelActions, ChannelActionsContext, TicksContext } from './channel-context.tsx';
import { titleOf } from './channel-head.tsx';
import { Composer } from './composer.tsx';
import { DeleteMessage } from './delete-message.tsx';
import { Failed } from './list-ends.tsx';
import type { Message } from './message.ts';
import { MessageList } from './message-list.tsx';
import { Readers } from './readers.tsx';
import { Skeleton } from './skeleton.tsx';
import { ticksOf } from './ticks.ts';
import { newMessage, type Task } from './use-composing.ts';
import { type Channel, useTimeline } from './use-timeline.ts';

/** Few ask. Without the network it may not be there; the next time it is asked for anew. */
const loadWhy = () =>
  import('../notification/why.tsx').then(
    ({ Why }) => Why,
    () => NoWhy,
  );
const NoWhy = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog title="Why was I (not) notified?" onClose={onClose}>
    <Notice kind="warning">The reasons could not be loaded. Try again when you are connected.</Notice>
  </Dialog>
);

type Props = { readonly channel: Channel; readonly at: number | undefined };
type Asked =
  | { readonly kind: 'delete' | 'readers'; readonly message: Message }
  | { readonly kind: 'why'; readonly message: Message; readonly Why: Awaited<ReturnType<typeof loadWhy>> };

/** The messages of a channel, and the field below them. */
export function OpenChannel({ channel, at }: Props) {
  const chat = useChat();
  const opened = useTimeline(channel, at);
  const { timeline, state, jump, toEnd } = opened;
  const [task, setTask] = useState<Task>(newMessage);
  const [asked, setAsked] = useState<Asked>();
  const [isLost, setLost] = useState(false);
  const { members, ticks } = useMembers(chat, channel.id);
  const actions: ChannelActions = useMemo(
    () => ({
      reply: (message) => setTask({ kind: 'reply', message }),
      edit: (message) => setTask({ kind: 'edit', message }),
      remove: (message) => setAsked({ kind: 'delete', message }),
      showReaders: (message) => setAsked({ kind: 'readers', message }),
      showWhy: (message) => void loadWhy().then((Why) => setAsked({ kind: 'why', message, Why })),
      jumpTo: (messageId) => void jump({ messageId }).then((isShown) => setLost(!isShown)),
    }),
    [jump],
  );
  const close = () => setAsked(undefined);
  return (
    <ChannelActionsContext value={actions}>
      <TicksContext value={ticks}>
        <Messages channel={channel} opened={opened} viewerId={chat.viewerId} onToEnd={() => void toEnd()} />
      </TicksContext>
      {state.whole === 'failed' && <Failed what="Messages" onRetry={() => void timeline.retry()} />}
      {isLost && (
        <Notice kind="warning">That message could not be shown. Try again when you are connected.</Notice>
      )}
      <Announcer channelId={channel.id} />
      <Below channel={channel} timeline={timeline} task={task} onTask={setTask} onSent={() => void toEnd()} />
      {asked?.kind === 'delete' && (
        <DeleteMessage message={asked.message} onDeleted={timeline.onChanged} onClose={close} />
      )}
      {asked?.kind === 'why' && <asked.Why message={asked.message} onClose={close} />}
      {asked?.kind === 'readers' && <Readers message={asked.message} members={members} onClose={close} />}
    </ChannelActionsContext>
  );
}

type MessagesProps = {
  readonly channel: Channel;
  readonly opened: ReturnType<typeof useTimeline>;
  readonly viewerId: string;
  readonly onToEnd: () => void;
};

function Messages({ channel, opened, viewerId, onToEnd }: MessagesProps) {
  const { timeline, state, target, unreadFrom } = opened;
  if (state.whole === 'missing')
    return (
      <EmptyState title="You are not in this channel any more">What was said here is not shown.</EmptyState>
    );
  // Until it is known where to begin, nothing is shown: what is on the screen counts as read.
  if (!target || state.generation === 0) return state.whole === 'failed' ? null : <Skeleton />;
  return (
    <MessageList
      channel={channel}
      title={titleOf(channel)}
      viewerId={viewerId}
      timeline={timeline}
      state={state}
      target={target}
      unreadFrom={unreadFrom}
      onToEnd={onToEnd}
    />
  );
}

/** The field, or why there is none. */
function Below({
  channel,
  ...props
}: { readonly channel: Channel } & Omit<Parameters<typeof Composer>[0], 'channelId'>) {
  const { isAllowed, code, explanation, until } = channel.viewerCan.send;
  if (isAllowed) return <Composer channelId={channel.id} {...props} />;
  return (
    <div className="composer composer--refused">
      <Notice kind="info">{refusalWords({ code: code ?? '', explanation: explanation ?? '', until })}</Notice>
    </div>
  );
}

/** Everybody here, and what that says of the viewer's own messages. */
function useMembers({ viewerId }: Chat, id: string) {
  const [{ data }] = useQuery({ query: ChannelMembersDocument, variables: { id } });
  return useMemo(() => {
    const members = data?.channel?.members.edges.map(({ node }) => node) ?? [];
    return { members, ticks: ticksOf(members.filter(({ user }) => user.id !== viewerId)) };
  }, [data, viewerId]);
}
