import { read } from '../client/ask.ts';
import { createGroup, password, type SignedIn, signIn, signUp, syncCursor } from '../client/people.ts';
import type { Known } from './values.ts';

/** Somebody who is signed in, and signs in again when that has ended: what is sent in their name can sign them out. */
export type Account = {
  readonly known: Known;
  /** `again`: the last one was no good. */
  token(again?: 'again'): Promise<string>;
};

export type Pool = {
  /** Who does nothing wrong, and owns the group that all are in. */
  readonly owner: SignedIn;
  readonly channelId: string;
  readonly accounts: readonly Account[];
};

const size = 6;
const add = `mutation ($input: AddMembersInput!) { addMembers(input: $input) { __typename } }`;
const send = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on SendMessagePayload { message { id } } } }`;
const page = `query ($id: ID!) { channel(id: $id) { messages(last: 1) { pageInfo { endCursor } } } }`;

/** Makes those who fuzz, somebody who does not, and a group of all of them with some messages in it. */
export async function openPool(httpUrl: string): Promise<Pool> {
  const owner = await signUp(httpUrl, 'control');
  const people: SignedIn[] = [];
  for (let nth = 0; nth < size; nth += 1) people.push(await signUp(httpUrl, `fuzz${nth}`));
  const channelId = await createGroup(httpUrl, owner, { name: 'Fuzz', members: people });
  const token = owner.session.accessToken;
  const { messages, endCursor } = await talk(httpUrl, channelId, token);
  const user = [owner, ...people].map(({ userId }) => userId);
  let more = 0;
  const replacement = async (): Promise<SignedIn> => {
    more += 1;
    const person = await signUp(httpUrl, `more${more}`);
    const input = { channelId, userIds: [person.userId] };
    await read(httpUrl, { query: add, variables: { input }, token });
    return person;
  };
  const accounts = people.map(async (first): Promise<Account> => {
    const { handle, session } = first;
    const ids = { channel: [channelId], user, message: messages, device: [session.device.id] };
    const cursors = [endCursor, await syncCursor(httpUrl, session.accessToken)];
    return { known: { ids, cursors, handle, password }, token: keepSignedIn(httpUrl, first, replacement) };
  });
  return { owner, channelId, accounts: await Promise.all(accounts) };
}

/** Some messages, and the cursor of the last one. */
async function talk(httpUrl: string, channelId: string, token: string) {
  const messages: string[] = [];
  for (let nth = 0; nth < 5; nth += 1) {
    const variables = { input: { channelId, text: `Message ${nth}`, nonce: `first-${nth}` } };
    type Sent = { sendMessage: { message: { id: string } } };
    const { sendMessage } = await read<Sent>(httpUrl, { query: send, variables, token });
    messages.push(sendMessage.message.id);
  }
  type Page = { channel: { messages: { pageInfo: { endCursor: string } } } };
  const { channel } = await read<Page>(httpUrl, { query: page, variables: { id: channelId }, token });
  return { messages, endCursor: channel.messages.pageInfo.endCursor };
}

/** Their token; when that is no good any more they sign in again, and when they cannot, because somebody changed their password, another one comes. */
function keepSignedIn(
  httpUrl: string,
  first: SignedIn,
  replacement: () => Promise<SignedIn>,
): Account['token'] {
  let person = first;
  let renewing: Promise<void> | undefined;
  const renew = async () => {
    person = await signIn(httpUrl, person.handle).catch(replacement);
    renewing = undefined;
  };
  return async (again) => {
    if (again !== undefined) {
      renewing ??= renew();
      await renewing;
    }
    return person.session.accessToken;
  };
}
