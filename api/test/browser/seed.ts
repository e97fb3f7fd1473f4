import { randomUUID } from 'node:crypto';
import type { Client } from 'graphql-ws';
import { read } from '../client/ask.ts';
import type { Refusal, SignedIn } from '../client/people.ts';
import { askOverSocket, closeClient, openStockClient } from '../client/stock-client.ts';

/** Whether something was refused; what was done has other fields. */
const isRefusal = (result: object): result is Refusal => 'explanation' in result;

/** One mutation with one input, over HTTP. Throws when it is refused. */
export async function change(
  httpUrl: string,
  person: SignedIn,
  { name, input }: { readonly name: string; readonly input: object },
): Promise<void> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { result: ${name}(input: $input) { __typename ... on UserError { code explanation } } }`;
  const token = person.session.accessToken;
  const { result } = await read<{ result: object }>(httpUrl, { query, variables: { input }, token });
  if (isRefusal(result)) throw new Error(`${name} was refused: ${JSON.stringify(result)}`);
}

/** The channel of these two, made if there is none yet. */
export async function openDirectChannel(
  httpUrl: string,
  person: SignedIn,
  { userId }: SignedIn,
): Promise<string> {
  const query = `mutation ($input: OpenDirectChannelInput!) { result: openDirectChannel(input: $input) {
    __typename ... on UserError { code explanation } ... on OpenDirectChannelPayload { channel { id } } } }`;
  const variables = { input: { userId } };
  const token = person.session.accessToken;
  const { result } = await read<{ result: Refusal | { channel: { id: string } } }>(httpUrl, {
    query,
    variables,
    token,
  });
  if (isRefusal(result)) throw new Error(`No channel: ${JSON.stringify(result)}`);
  return result.channel.id;
}

/** Asks to be a contact, and lets it be granted. */
export async function befriend(httpUrl: string, [one, other]: readonly [SignedIn, SignedIn]): Promise<void> {
  await change(httpUrl, one, { name: 'requestContact', input: { userId: other.userId } });
  await change(httpUrl, other, {
    name: 'answerContactRequest',
    input: { userId: one.userId, accept: true },
  });
}

/** Somebody's socket, to send a lot over it. */
export function openSender(socketUrl: string, person: SignedIn) {
  const client = openStockClient({ socketUrl, token: () => person.session.accessToken });
  return {
    /** In this order; resolves when all are kept. */
    sendAll: (channelId: string, texts: readonly string[]) => sendAll(client, channelId, texts),
    close: () => closeClient(client),
  };
}

/** Fewer than the operations that one socket may have at once. */
const atOnce = 48;
const send = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on UserError { code explanation } }
}`;
type Answer = { readonly sendMessage: { readonly __typename: string } };

/** One socket keeps the order of what is sent over it, also when it does not wait for the answers. */
async function sendAll(client: Client, channelId: string, texts: readonly string[]): Promise<void> {
  const waiting: Promise<void>[] = [];
  for (const text of texts) {
    if (waiting.length >= atOnce) await waiting.shift();
    waiting.push(sendOne(client, { channelId, text, nonce: randomUUID() }));
  }
  await Promise.all(waiting);
}

async function sendOne(client: Client, input: object): Promise<void> {
  const { data, errors } = await askOverSocket<Answer>(client, { query: send, variables: { input } });
  if (data?.sendMessage.__typename !== 'SendMessagePayload')
    throw new Error(`Not sent: ${JSON.stringify(errors ?? data)}`);
}
