import { MarkReadDocument } from '../gql/graphql.ts';
import { askSignedIn } from './ask.ts';
import { type Owner, readOwner } from './kept.ts';
import { type Kept, keptOf, show } from './notify.ts';
import { putIntoOutbox, sendWaiting } from './outbox.ts';
import { openChannel } from './windows.ts';
import { wordsOfReply } from './words.ts';

declare const self: ServiceWorkerGlobalScope;

/** What somebody did with a notification: `reply` is what they wrote into it, where that can be. */
type Clicked = {
  readonly notification: Notification;
  readonly action: string;
  readonly reply?: string | null;
};

/** Never rejects. */
export async function onClick({ notification, action, reply }: Clicked): Promise<void> {
  const kept = keptOf(notification);
  const text = action === 'reply' ? (reply ?? '').trim() : '';
  notification.close();
  const owner = await readOwner().catch(() => undefined);
  const { channelId } = kept;
  if (channelId === undefined) return;
  if (text !== '') await answer(text, { channelId, ...kept }, owner);
  else if (action === 'read') await markRead({ channelId, ...kept });
  else await openChannel(channelId, owner?.viewerId).catch(() => undefined);
}

type Place = Kept & { readonly channelId: string };

async function markRead({ channelId, number }: Place): Promise<void> {
  if (number !== undefined) await askSignedIn(MarkReadDocument, { channelId, number });
}

/** What was written is in the outbox before anything is sent, or stands on the screen: it is not lost whatever happens. */
async function answer(text: string, place: Place, owner: Owner | undefined): Promise<void> {
  const { channelId } = place;
  const keep = (refusal: string | undefined) =>
    show({
      tag: channelId,
      words: wordsOfReply(text, refusal),
      data: { channelId },
      isAnew: refusal !== undefined,
    });
  if (owner === undefined) return keep('You are signed out on this browser.');
  const nonce = await putIntoOutbox(owner.viewerId, { channelId, text }).catch(() => undefined);
  if (nonce === undefined) return keep('This browser could not keep it.');
  const outcome = await sendWaiting(owner.viewerId)
    .then((outcomes) => outcomes.get(nonce) ?? 'later')
    .catch(() => 'later' as const);
  if (outcome === 'sent' || outcome === 'sentBefore') return markRead(place);
  if (outcome !== 'later') return keep(outcome.explanation);
  await sendLater();
  await keep(undefined);
}

/** Where a browser wakes its worker when the network is back; elsewhere it is sent when the app is opened. */
export const outboxSync = 'parley.outbox';
async function sendLater(): Promise<void> {
  if (!('sync' in self.registration)) return;
  const { sync }: { sync?: { register(tag: string): Promise<void> } } = Object(self.registration);
  await sync?.register(outboxSync).catch(() => undefined);
}

/** Rejects while something waits, so that the browser tries again. */
export async function onSync(): Promise<void> {
  const owner = await readOwner();
  if (owner === undefined) return;
  const outcomes = await sendWaiting(owner.viewerId);
  if ([...outcomes.values()].includes('later')) throw new Error('Something is not sent yet.');
}
