import { read } from '../client/ask.ts';
import { createGroup, type Refusal, signIn, signUp } from '../client/people.ts';
import type { WebDevice, WebPushService, WebSubscription } from './web-push-service.ts';

const refused = '... on UserError { __typename code explanation }';
const registerPush = `mutation ($input: RegisterPushEndpointInput!) {
  result: registerPushEndpoint(input: $input) { __typename ${refused} } }`;
const sendText = `mutation ($input: SendMessageInput!) {
  result: sendMessage(input: $input) { ... on SendMessagePayload { message { number } } ${refused} } }`;
const readUpTo = `mutation ($input: MarkReadInput!) { result: markRead(input: $input) { __typename ${refused} } }`;

/** Somebody whose browser is away and can be woken, and somebody who writes to them: at one server, over HTTP alone. */
export type Pair = {
  readonly names: { readonly reader: string; readonly writer: string; readonly channel: string };
  readonly channelId: string;
  /** Where that browser is woken, and what it shows. */
  readonly url: string;
  readonly subscription: WebSubscription;
  readonly device: WebDevice;
  /** Resolves with the number of the message. */
  write(text: string): Promise<number>;
  /** On another device of theirs. */
  read(number: number): Promise<void>;
};

/** New people, whose names begin with `name`. */
export async function openPair(httpUrl: string, web: WebPushService, name: string): Promise<Pair> {
  const names = { reader: `${name}.reader`, writer: `${name}.writer`, channel: `The ${name} crew` };
  const [reader, writer] = await Promise.all([signUp(httpUrl, names.reader), signUp(httpUrl, names.writer)]);
  const phone = await signIn(httpUrl, names.reader);
  const channelId = await createGroup(httpUrl, writer, { name: names.channel, members: [reader] });
  const change = async <Payload>(query: string, input: object, token: string): Promise<Payload> => {
    const { result } = await read<{ result: Payload | Refusal }>(httpUrl, {
      ...{ query, token },
      variables: { input },
    });
    if (typeof result === 'object' && result !== null && 'code' in result)
      throw new Error(`Refused: ${JSON.stringify(result)}`);
    return result;
  };
  const { vapidPublicKey } = (
    await read<{ server: { vapidPublicKey: string } }>(httpUrl, { query: '{ server { vapidPublicKey } }' })
  ).server;
  const subscription = web.subscribe(vapidPublicKey);
  await change(registerPush, { address: { web: subscription } }, reader.session.accessToken);
  let nonces = 0;
  return {
    ...{ names, channelId, url: subscription.url, subscription, device: web.deviceOf(subscription.url) },
    async write(text) {
      nonces += 1;
      const input = { channelId, text, nonce: `${name}-${nonces}` };
      type Sent = { readonly message: { readonly number: number } };
      return (await change<Sent>(sendText, input, writer.session.accessToken)).message.number;
    },
    async read(number) {
      await change(readUpTo, { channelId, number }, phone.session.accessToken);
    },
  };
}
