import type { Chat } from '../chat/chat-context.tsx';
import { OwnReadNumberDocument } from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';

type Place = { readonly channelId: string; readonly number: number };

/** What the worker keeps with a notification of a channel. */
function placeOf({ data }: Notification): Place | undefined {
  const { channelId, number } = Object(data);
  return typeof channelId === 'string' && typeof number === 'number' ? { channelId, number } : undefined;
}

/** What was told of a channel disappears as far as it has been read, in this window or elsewhere. */
async function closeUpTo(channelId: string, readNumber: number): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  for (const shown of (await registration?.getNotifications({ tag: channelId })) ?? [])
    if ((placeOf(shown)?.number ?? Number.POSITIVE_INFINITY) <= readNumber) shown.close();
}

/** What happened while no window was open. */
async function lookAtAll({ client }: Chat): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration();
  for (const shown of (await registration?.getNotifications()) ?? []) {
    const place = placeOf(shown);
    if (!place) continue;
    const { channelId } = place;
    const { data } = await client.query(OwnReadNumberDocument, { channelId }).toPromise();
    if (data?.channel === null) shown.close(); // not in it any more
    if (data?.channel) await closeUpTo(channelId, data.channel.viewerState.member.readNumber ?? 0);
  }
}

async function onEvent({ viewerId }: Chat, event: ChatEvent): Promise<void> {
  if (event.__typename === 'MemberRemoved' && event.user?.id === viewerId)
    await closeUpTo(event.channelId, Number.MAX_SAFE_INTEGER);
  if (event.__typename !== 'PositionsChanged') return;
  const own = event.members.find(({ user }) => user.id === viewerId);
  if (own?.readNumber) await closeUpTo(event.channelId, own.readNumber);
}

/** Until the function that comes back is called. */
export function closeWhatIsRead(chat: Chat): () => void {
  const look = () => void lookAtAll(chat).catch(() => undefined);
  const unsubscribe = chat.onEvent((event) => void onEvent(chat, event).catch(() => undefined));
  addEventListener('focus', look);
  look();
  return () => {
    removeEventListener('focus', look);
    unsubscribe();
  };
}
