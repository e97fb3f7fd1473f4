import type { ListedChannelFragment } from '../gql/graphql.ts';

/** What it is called: in a channel of two, by the other one. */
export const nameOf = ({ name, directPeer }: ListedChannelFragment): string =>
  directPeer?.displayName ?? name ?? 'Somebody who is gone';

export type Preview = {
  /** Who says it, where that is not plain. */
  readonly by?: string;
  readonly text: string;
  /** Nobody wrote these words: they are about the message. */
  readonly isAbout?: boolean;
};

/** The newest message on one line. */
export function previewOf({ kind, lastMessage }: ListedChannelFragment, viewerId: string): Preview {
  if (!lastMessage) return { text: 'No messages yet', isAbout: true };
  const { text, author } = lastMessage;
  if (text === null) return { text: 'Message deleted', isAbout: true };
  // As much as a row can show of it, and no more: a text may have 4,000 characters.
  const start = text.slice(0, 200);
  if (author?.id === viewerId) return { by: 'You', text: start };
  return author && kind === 'GROUP' ? { by: author.displayName, text: start } : { text: start };
}

/** Where it stands in the list, newest first. */
export const activityOf = ({ lastMessage, createdAt }: ListedChannelFragment): string =>
  lastMessage?.createdAt ?? createdAt;

/** Muting ends without an event. */
export const isMutedAt = ({ viewerState }: ListedChannelFragment, now: number): boolean => {
  const { isMuted, mutedUntil } = viewerState;
  return isMuted && (mutedUntil === null || now < Date.parse(mutedUntil));
};

/** What calls for the viewer: the unread of all channels that are neither muted nor archived. */
export const unreadOf = (channels: readonly ListedChannelFragment[], now: number): number =>
  channels.reduce(
    (sum, channel) =>
      channel.viewerState.isArchived || isMutedAt(channel, now) ? sum : sum + channel.viewerState.unreadCount,
    0,
  );

/** Those whose name or handle has all these words in it. */
export function filtered(
  channels: readonly ListedChannelFragment[],
  text: string,
): readonly ListedChannelFragment[] {
  const words = folded(text).split(/\s+/u).filter(Boolean);
  if (words.length === 0) return channels;
  return channels.filter((channel) => {
    const name = folded(`${nameOf(channel)} ${channel.directPeer?.handle ?? ''}`);
    return words.every((word) => name.includes(word));
  });
}

/** Whoever looks for `zoe` finds Zoë. */
const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
