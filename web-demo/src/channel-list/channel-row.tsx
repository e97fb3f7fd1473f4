import { lazy, Suspense, useRef, useState } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { Badge } from '../design/badge.tsx';
import { Icon } from '../design/icon.tsx';
import { groupColourOf } from '../design/palette.ts';
import { Time } from '../design/time.tsx';
import type { ListedChannelFragment } from '../gql/graphql.ts';
import type { Ask } from '../people/use-ask.ts';
import { hrefOf } from '../route.ts';
import { isMutedAt, nameOf, previewOf } from './channel-words.ts';
import { useNow } from './use-now.ts';
import { usePresenceOf } from './use-presence.ts';
import { useWriters, wordsOfWriters } from './use-typing.ts';
import './channel-row.css';

// Of a hundred rows, somebody wants the menu of one.
const RowMenu = lazy(() => import('./row-menu.tsx').then(({ RowMenu: it }) => ({ default: it })));

type Props = {
  readonly at: number;
  readonly channel: ListedChannelFragment;
  readonly isSelected: boolean;
  readonly ask: Ask;
};

/** One channel: who or what it is, what was said last, and what is unread. */
export function ChannelRow({ at, channel, isSelected, ask }: Props) {
  const row = useRef<HTMLDivElement>(null);
  const name = nameOf(channel);
  const isMuted = isMutedAt(channel, useNow());
  const [isNear, setNear] = useState(false);
  const onNear = () => setNear(true);
  return (
    <div ref={row} className="channel-row" data-index={at}>
      <a
        className="channel-row__link"
        onPointerEnter={onNear}
        onFocus={onNear}
        href={hrefOf({ screen: 'channel', id: channel.id })}
        aria-current={isSelected ? 'page' : undefined}
      >
        <Picture channel={channel} name={name} />
        <span className="channel-row__line">
          <span className="channel-row__name" dir="auto">
            {name}
          </span>
          {isMuted && <Muted />}
          <span className="channel-row__time">
            {channel.lastMessage && <Time at={channel.lastMessage.createdAt} />}
          </span>
        </span>
        <span className="channel-row__line">
          <LastWords channel={channel} />
          <Unread channel={channel} isMuted={isMuted} />
        </span>
      </a>
      <div className="channel-row__menu">
        {isNear && (
          <Suspense>
            <RowMenu {...{ channel, name, isMuted, ask }} within={row} />
          </Suspense>
        )}
      </div>
    </div>
  );
}

function Picture({ channel, name }: { readonly channel: ListedChannelFragment; readonly name: string }) {
  const { id, kind, directPeer } = channel;
  const presence = usePresenceOf(directPeer?.id);
  return (
    <Avatar
      name={name}
      colour={directPeer?.colour ?? groupColourOf(id)}
      presence={presence}
      isGroup={kind === 'GROUP'}
    />
  );
}

function Muted() {
  return (
    <span className="channel-row__muted">
      <Icon name="bellOff" />
      <span className="visually-hidden">muted</span>
    </span>
  );
}

/** Who writes now, or what was written last. */
function LastWords({ channel }: { readonly channel: ListedChannelFragment }) {
  const { viewerId } = useChat();
  const writers = useWriters(channel.id);
  const writing = channel.kind === 'DIRECT' && writers.length > 0 ? 'typing' : wordsOfWriters(writers);
  if (writing)
    return (
      <span className="channel-row__preview channel-row__preview--writing" dir="auto">
        {writing}…
      </span>
    );
  const { by, text, isAbout } = previewOf(channel, viewerId);
  return (
    <span className={`channel-row__preview${isAbout ? ' channel-row__preview--about' : ''}`}>
      {by && <bdi>{by}: </bdi>}
      <bdi>{text}</bdi>
    </span>
  );
}

/** The count; a dot on a channel that the viewer wants to come back to. */
function Unread({
  channel,
  isMuted,
}: {
  readonly channel: ListedChannelFragment;
  readonly isMuted: boolean;
}) {
  const { unreadCount, isMarkedUnread, isArchived } = channel.viewerState;
  if (unreadCount > 0) return <Badge count={unreadCount} isMuted={isMuted || isArchived} />;
  return isMarkedUnread ? (
    <span className="channel-row__mark" role="img" aria-label="marked as unread" />
  ) : null;
}
