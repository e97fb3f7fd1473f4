import type { Client } from 'urql';
import { SendMessageDocument } from '../gql/graphql.ts';
import type { Outcome, OutgoingMessage } from '../sync/outbox.ts';
import { outcomeOf } from './outcome.ts';

/** One attempt to send a message of the outbox. */
export async function sendOnce(client: Client, message: Omit<OutgoingMessage, 'state'>): Promise<Outcome> {
  const { channelId, text, nonce, replyToId } = message;
  const input = { channelId, text, nonce, ...(replyToId && { replyToId }) };
  const { data, error } = await client.mutation(SendMessageDocument, { input }).toPromise();
  return outcomeOf(data?.sendMessage, error?.graphQLErrors[0]);
}
