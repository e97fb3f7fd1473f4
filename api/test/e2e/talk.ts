import type { Client } from 'graphql-ws';
import type { Answer, Operation } from '../client/ask.ts';
import { ask } from '../client/ask.ts';
import type { Refusal, SignedIn } from '../client/people.ts';
import { askOverSocket } from '../client/stock-client.ts';
import { type Feed, openFeed } from './feed.ts';

export type Message = {
  readonly id: string;
  readonly number: number;
  readonly revision: number;
  readonly text: string | null;
  readonly nonce: string | null;
};
export type ChatEvent = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly message?: Message | null;
  readonly user?: { readonly handle: string } | null;
};

const message = '{ id number revision text nonce }';
const events = `subscription Events($after: [Cursor!]) {
  events(after: $after) {
    __typename
    eventId
    cursor
    ... on ChannelEvent { channelId }
    ... on MessageSent { message ${message} }
    ... on MessageEdited { message ${message} }
    ... on MessageDeleted { message ${message} }
    ... on MemberRemoved { user { handle } }
  }
}`;
const refused = '__typename ... on UserError { code explanation }';

/** Everything that concerns whoever is signed in on this client. `variables` may have a getter, as the client rule wants it. */
export const followEvents = (
  client: Client,
  variables: { readonly after: readonly string[] | undefined } = { after: undefined },
): Feed<ChatEvent> =>
  openFeed<{ events: ChatEvent }, ChatEvent>(client, { query: events, variables }, (data) => data.events);

/** A list of cursors by the client rule, and what a subscription passes at each attempt. */
export function keepCursors() {
  let cursors: string[] = [];
  return {
    take({ __typename, cursor }: ChatEvent): void {
      if (__typename === 'CaughtUp' || __typename === 'Checkpoint') cursors = [cursor];
      else cursors.push(cursor);
    },
    variables: {
      get after() {
        return cursors;
      },
    },
  };
}

type Input = Readonly<Record<string, unknown>>;
/** A mutation with one input, its answer under `result`. */
const mutation = (name: string, payload: string): ((input: Input) => Operation) => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ${refused} ... on ${type}Payload ${payload} } }`;
  return (input) => ({ query, variables: { input } });
};
export const mutations = {
  sendMessage: mutation('sendMessage', `{ deduplicated message ${message} }`),
  editMessage: mutation('editMessage', `{ message ${message} }`),
  deleteMessage: mutation('deleteMessage', `{ message ${message} }`),
  addMembers: mutation('addMembers', '{ added { id } notAdded { code } }'),
  removeMember: mutation('removeMember', '{ memberId }'),
} as const;

type Result<Payload> = { readonly result: Payload | Refusal };

const isRefusal = (result: unknown): result is Refusal =>
  typeof result === 'object' && result !== null && 'explanation' in result;

/** What was done. Throws when it was refused. */
function done<Payload>({ data, errors }: Answer<Result<Payload>>): Payload {
  const result = data?.result;
  if (result === undefined || isRefusal(result))
    throw new Error(`It was refused: ${JSON.stringify(errors ?? result)}`);
  return result;
}

export async function doOverHttp<Payload>(
  httpUrl: string,
  person: SignedIn,
  operation: Operation,
): Promise<Payload> {
  return done(await ask<Result<Payload>>(httpUrl, { ...operation, token: person.session.accessToken }));
}

export async function doOverSocket<Payload>(client: Client, operation: Operation): Promise<Payload> {
  return done(await askOverSocket<Result<Payload>>(client, { ...operation }));
}

export type Sent = { readonly deduplicated: boolean; readonly message: Message };
