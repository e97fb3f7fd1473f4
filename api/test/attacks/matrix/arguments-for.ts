import type { Arguments } from './cells.ts';
import type { Place } from './section.ts';

/** What every field with arguments is asked with, where it needs any: things that a member of the scene would find. */
export function argumentsFor({ scene, cast, role }: Place): Arguments {
  const { channelId, messageId, memberId, cursor } = scene;
  const ofRole = cursor[role === 'anonymous' ? 'OWNER' : role];
  const known: Readonly<Record<string, ReturnType<Arguments>>> = {
    'Query.channel': { id: channelId },
    'Query.message': { id: messageId },
    'Query.node': { id: memberId },
    'Query.nodes': { ids: [channelId, messageId] },
    'Query.user': { handle: cast.guest.handle },
    'Query.searchUsers': { text: cast.guest.handle },
    'Query.simulateNotification': { input: { channelId, authorId: cast.guest.userId, replyToId: messageId } },
    'Query.changes': { after: [ofRole] },
    'Subscription.messageAdded': { channelId, afterNumber: 0 },
    'Subscription.presence': { userIds: [cast.player('OWNER').userId] },
    'Subscription.typing': { channelIds: [channelId] },
    'Subscription.events': { after: [ofRole] },
    'Channel.messagesAround': { place: { number: 1 } },
    'Viewer.contactRequests': { direction: 'OUTGOING' },
  };
  return (coordinate) => known[coordinate] ?? {};
}
