import type { MenuItem } from '../design/menu-list.tsx';
import {
  ArchiveChannelDocument,
  type ListedChannelFragment,
  MarkReadDocument,
  MarkUnreadDocument,
  MuteChannelDocument,
  UnarchiveChannelDocument,
  UnmuteChannelDocument,
} from '../gql/graphql.ts';
import type { Ask } from '../people/use-ask.ts';

const hourMs = 3_600_000;

/** What the viewer can do with a channel from the list, for themselves alone. */
export const channelMenu = (
  channel: ListedChannelFragment,
  isMuted: boolean,
  ask: Ask,
): readonly MenuItem[] => [
  readItem(channel, ask),
  ...(isMuted ? [unmuteItem(channel, ask)] : muteItems(channel, ask)),
  archiveItem(channel, ask),
];

function readItem(
  { id: channelId, lastNumber: number, viewerState }: ListedChannelFragment,
  ask: Ask,
): MenuItem {
  if (viewerState.unreadCount > 0 || viewerState.isMarkedUnread)
    return {
      label: 'Mark as read',
      icon: 'checks',
      onSelect: () => void ask(MarkReadDocument, { channelId, number }, ({ markRead }) => markRead),
    };
  return {
    label: 'Mark as unread',
    icon: 'unread',
    onSelect: () => void ask(MarkUnreadDocument, { channelId }, ({ markUnread }) => markUnread),
  };
}

const unmuteItem = ({ id: channelId }: ListedChannelFragment, ask: Ask): MenuItem => ({
  label: 'Unmute',
  icon: 'bell',
  onSelect: () =>
    void ask(UnmuteChannelDocument, { input: { channelId } }, ({ unmuteChannel }) => unmuteChannel),
});

function muteItems({ id: channelId }: ListedChannelFragment, ask: Ask): readonly MenuItem[] {
  const mute = (label: string, forMs?: number): MenuItem => ({
    label,
    icon: 'bellOff',
    onSelect() {
      const until = forMs === undefined ? null : new Date(Date.now() + forMs).toISOString();
      void ask(MuteChannelDocument, { input: { channelId, until } }, ({ muteChannel }) => muteChannel);
    },
  });
  return [mute('Mute for 1 hour', hourMs), mute('Mute for 8 hours', 8 * hourMs), mute('Mute for good')];
}

function archiveItem({ id: channelId, viewerState }: ListedChannelFragment, ask: Ask): MenuItem {
  const input = { channelId };
  if (!viewerState.isArchived)
    return {
      label: 'Archive',
      icon: 'archive',
      onSelect: () => void ask(ArchiveChannelDocument, { input }, ({ archiveChannel }) => archiveChannel),
    };
  return {
    label: 'Take out of the archive',
    icon: 'archive',
    onSelect: () => void ask(UnarchiveChannelDocument, { input }, ({ unarchiveChannel }) => unarchiveChannel),
  };
}
