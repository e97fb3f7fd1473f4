import type { Client, CombinedError } from 'urql';
import { SendMessageDocument } from '../gql/graphql.ts';
import type { Outcome, OutgoingMessage } from '../sync/outbox.ts';

/** Errors that would be the same at every attempt. */
const final = ['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX', 'FORBIDDEN'];

/** One attempt to send a message of the outbox. */
export async function sendOnce(client: Client, message: Omit<OutgoingMessage, 'state'>): Promise<Outcome> {
  const { channelId, text, nonce, replyToId } = message;
  const input = { channelId, text, nonce, ...(replyToId && { replyToId }) };
  const { data, error } = await client.mutation(SendMessageDocument, { input }).toPromise();
  if (!data) return outcomeOf(error);
  const { sendMessage } = data;
  switch (sendMessage.__typename) {
    case 'SendMessagePayload':
      return sendMessage.deduplicated ? 'sentBefore' : 'sent';
    case 'Denied': // with a time, it is only too early
      return sendMessage.until === null ? { ...sendMessage } : 'later';
    default:
      return { ...sendMessage, until: null };
  }
}

function outcomeOf(error: CombinedError | undefined): Outcome {
  const [problem] = error?.graphQLErrors ?? [];
  const code = String(problem?.extensions.code ?? '');
  if (problem === undefined || !final.includes(code)) return 'later';
  return { code, explanation: problem.message, until: null };
}
