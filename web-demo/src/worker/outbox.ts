import { chatName, outboxName } from '../account/names.ts';
import { outcomeOf } from '../chat/outcome.ts';
import { SendReplyDocument } from '../gql/graphql.ts';
import { answerOf, isDone, openDatabase } from '../sync/database.ts';
import { createId, type Outcome, type OutgoingMessage, type Refusal } from '../sync/outbox.ts';
import { askSignedIn } from './ask.ts';

// The outbox of the app, as it is stored: what is put there is sent by a tab, by this worker, or by both; its nonce makes that one
// message. So it is safe before anything is sent, and is deleted only when the server has it.

type Item = Omit<OutgoingMessage, 'state'> & { readonly place?: number };
type Work<T> = (outbox: IDBObjectStore) => Promise<T>;

async function inOutbox<T>(viewerId: string, mode: IDBTransactionMode, work: Work<T>): Promise<T> {
  const database = await openDatabase(chatName(viewerId));
  try {
    const transaction = database.transaction('outbox', mode);
    const [result] = await Promise.all([work(transaction.objectStore('outbox')), isDone(transaction)]);
    return result;
  } finally {
    database.close();
  }
}

/** All tabs read it again. */
function tellTabs(viewerId: string): void {
  const tabs = new BroadcastChannel(outboxName(viewerId));
  tabs.postMessage('changed');
  tabs.close();
}

/** Resolves with its nonce when it is safe here. */
export async function putIntoOutbox(
  viewerId: string,
  message: Pick<OutgoingMessage, 'channelId' | 'text'>,
): Promise<string> {
  const item: Item = { ...message, nonce: createId(), queuedAt: Date.now() };
  await inOutbox(viewerId, 'readwrite', (outbox) => answerOf(outbox.add(item)));
  tellTabs(viewerId);
  return item.nonce;
}

/** One attempt for all that waits, in the order in which it was written. What became of each, by its nonce. */
export async function sendWaiting(viewerId: string): Promise<ReadonlyMap<string, Outcome>> {
  const items = await inOutbox(viewerId, 'readonly', (outbox) => answerOf<Item[]>(outbox.getAll()));
  const outcomes = new Map<string, Outcome>();
  const stuck = new Set<string>();
  for (const { channelId, text, nonce, replyToId, refusal, place } of items) {
    if (refusal || place === undefined || stuck.has(channelId)) continue;
    const input = { channelId, text, nonce, ...(replyToId && { replyToId }) };
    const answer = await askSignedIn(SendReplyDocument, { input });
    const outcome = outcomeOf(answer?.data?.sendMessage, answer?.errors?.[0]);
    outcomes.set(nonce, outcome);
    if (outcome === 'later') stuck.add(channelId);
    else await settle(viewerId, place, outcome);
  }
  tellTabs(viewerId);
  return outcomes;
}

const settle = (viewerId: string, place: number, outcome: 'sent' | 'sentBefore' | Refusal) =>
  inOutbox(viewerId, 'readwrite', async (outbox) => {
    const item = await answerOf<Item | undefined>(outbox.get(place));
    if (item === undefined) return; // a tab was quicker
    if (typeof outcome === 'string') outbox.delete(place);
    else outbox.put({ ...item, refusal: outcome });
  });
