import type { Followed, Page, Talker } from './talker.ts';

/** A message as somebody sees it who looks at what it answers. */
export type Reply = {
  readonly id: string;
  readonly number: number;
  readonly text: string | null;
  readonly replyToNumber: number | null;
  readonly replyTo: (Omit<Reply, 'replyTo'> & { readonly replyTo: { readonly id: string } | null }) | null;
};
export type Sent = {
  readonly __typename: string;
  readonly code?: string;
  readonly deduplicated?: boolean;
  readonly message: Reply;
};

const one = 'id number text replyToNumber';
/** Two deep, so that what an answered message answers is looked at, too. */
export const replyFields = `${one} replyTo { ${one} replyTo { id } }`;
const ofEvent = `... on MessageSent { message { ${replyFields} } }
  ... on MessageEdited { message { ${replyFields} } } ... on MessageDeleted { message { ${replyFields} } }`;

let lastNonce = 0;
const newNonce = () => {
  lastNonce += 1;
  return `reply-${lastNonce}`;
};

/** Sends a message, as an answer to another one. */
export async function reply(talker: Talker, channelId: string, input: object): Promise<Sent> {
  const document = `mutation ($input: SendMessageInput!) { sent: sendMessage(input: $input) {
    __typename ... on UserError { code } ... on SendMessagePayload { deduplicated message { ${replyFields} } }
  } }`;
  const variables = { input: { channelId, text: 'reply', nonce: newNonce(), ...input } };
  return (await talker.query<{ sent: Sent }>(document, variables)).sent;
}

type Told = { readonly __typename: string; readonly message?: Reply | null };
const messagesOf = (events: readonly Told[]) => events.flatMap(({ message }) => message ?? []);

/** The same messages by every way there is of reading them; `after`: what the events begin behind. */
export const readings = {
  history: async (talker: Talker, channelId: string) => {
    const document = `query ($id: ID!) { channel(id: $id) { page: messages(last: 100) { edges { node { ${replyFields} } } } } }`;
    type Answer = { channel: { page: Page<Reply> } };
    const { channel } = await talker.query<Answer>(document, { id: channelId });
    return channel.page.edges.map(({ node }) => node);
  },
  'messages around a place': async (talker: Talker, channelId: string) => {
    const document = `query ($id: ID!) { channel(id: $id) { page: messagesAround(place: { number: 1 }, countAfter: 75) {
      edges { node { ${replyFields} } } } } }`;
    type Answer = { channel: { page: Page<Reply> } };
    const { channel } = await talker.query<Answer>(document, { id: channelId });
    return channel.page.edges.map(({ node }) => node);
  },
  'a message by its id': async (talker: Talker, channelId: string) => {
    const ids = (await talker.history(channelId, { last: 100 })).edges.map(({ node }) => node.id);
    const document = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { ${replyFields} } } }`;
    return (await talker.query<{ nodes: Reply[] }>(document, { ids })).nodes;
  },
  changes: async (talker: Talker, _: string, after: string) => {
    const document = `query ($after: [Cursor!]!) { changes(after: $after) { events { __typename ${ofEvent} } } }`;
    const { changes } = await talker.query<{ changes: { events: Told[] } }>(document, { after: [after] });
    return messagesOf(changes.events);
  },
  events: async (talker: Talker, _: string, after: string) => {
    const told: Told[] = [];
    const events = await eventsWithReplies(talker, after);
    for await (const event of events) {
      if (event.__typename === 'CaughtUp') break;
      told.push(event);
    }
    return messagesOf(told);
  },
  messageAdded: async (talker: Talker, channelId: string) => {
    const { edges } = await talker.history(channelId, { last: 1 });
    const document = `subscription ($id: ID!) { event: messageAdded(channelId: $id, afterNumber: 0) { ${replyFields} } }`;
    const added = await talker.subscribe<{ event: Reply }>(document, { id: channelId });
    const read: Reply[] = [];
    for await (const { data } of added) {
      read.push(data.event);
      if (data.event.number === edges[0]?.node.number) break;
    }
    return read;
  },
} as const;

/** What happens from a place on, with what messages answer. */
export async function eventsWithReplies(talker: Talker, after: string): Promise<Followed<Told>> {
  const document = `subscription ($after: [Cursor!]) { event: events(after: $after) { __typename ${ofEvent} } }`;
  const answers = await talker.subscribe<{ event: Told }>(document, { after: [after] });
  const events: Followed<Told> = {
    async next() {
      const answer = await answers.next();
      if (answer.done) return { done: true, value: undefined };
      if (answer.value.errors) throw new Error(JSON.stringify(answer.value.errors));
      return { done: false, value: answer.value.data.event };
    },
    async return() {
      await answers.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}
