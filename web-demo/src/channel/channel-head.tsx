import { useNow } from '../channel-list/use-now.ts';
import { presenceOf, usePresence } from '../channel-list/use-presence.ts';
import { useWriters, wordsOfWriters } from '../channel-list/use-typing.ts';
import { Avatar } from '../design/avatar.tsx';
import { groupColourOf } from '../design/palette.ts';
import { shortTimeOf } from '../design/times.ts';
import type { Channel } from './use-timeline.ts';

/** What a channel is called: a direct one by its other person. */
export const titleOf = ({ kind, name, directPeer }: Channel): string =>
  (kind === 'DIRECT' ? directPeer?.displayName : name) ?? 'Channel';

export function ChannelPicture({ channel }: { readonly channel: Channel }) {
  const { directPeer } = channel;
  const { state } = usePeer(channel);
  return (
    <Avatar
      name={titleOf(channel)}
      colour={directPeer?.colour ?? groupColourOf(channel.id)}
      presence={directPeer ? state : null}
      isGroup={channel.kind === 'GROUP'}
    />
  );
}

/** Who writes now; otherwise how many there are, or whether the other person is there. */
export function ChannelStatus({ channel }: { readonly channel: Channel }) {
  const writers = useWriters(channel.id);
  const { state, lastSeenAt } = usePeer(channel);
  const now = useNow();
  const writing = channel.kind === 'DIRECT' && writers.length > 0 ? 'is typing' : wordsOfWriters(writers);
  if (writing) return <span className="channel-head__writers">{writing}…</span>;
  if (channel.kind === 'GROUP')
    return <>{channel.memberCount === 1 ? '1 member' : `${channel.memberCount} members`}</>;
  if (state === 'ONLINE') return <>online</>;
  if (state === 'IDLE') return <>away</>;
  if (state === 'OFFLINE' && lastSeenAt) return <>last seen {shortTimeOf(lastSeenAt, now)}</>;
  return <>{state === 'OFFLINE' ? 'offline' : `@${channel.directPeer?.handle ?? ''}`}</>;
}

function usePeer({ directPeer }: Channel) {
  const held = usePresence(directPeer ? [directPeer.id] : []);
  const now = useNow();
  const presence = directPeer ? held.get(directPeer.id) : null;
  return { state: presenceOf(presence, now), lastSeenAt: presence?.lastSeenAt };
}
