import type { Asker, Subscription } from '../../../schema/test/world.ts';

/** Somebody writes, as a client is told. */
export type TypingTold = {
  readonly channelId: string;
  readonly user: { readonly id: string };
  readonly isTyping: boolean;
  readonly validUntil: string;
};
type Answer = {
  readonly __typename: string;
  readonly code?: string;
  readonly channel?: { readonly id: string };
};
type Data = { readonly typing: TypingTold };

export const typingDocuments = {
  set: `mutation ($input: SetTypingInput!) { result: setTyping(input: $input) {
    __typename ... on UserError { code } ... on SetTypingPayload { channel { id } } } }`,
  watch:
    'subscription ($channelIds: [ID!]!) { typing(channelIds: $channelIds) { channelId user { id } isTyping validUntil } }',
};

/** What somebody hears of who writes, one after the other. */
export type Hearing = { next(): Promise<TypingTold>; stop(): Promise<unknown> };

const dataOf = <T>({ data, errors }: { readonly data: T; readonly errors?: unknown }): T => {
  if (errors) throw new Error(`An answer with errors: ${JSON.stringify(errors)}`);
  return data;
};

/** What somebody does who writes, and who looks at who does. */
export const writingOf = ({ execute, subscribe }: Asker) => ({
  setTyping: async (channelId: string, isTyping = true) => {
    const input = { channelId, isTyping };
    return dataOf(await execute<{ result: Answer }>(typingDocuments.set, { input })).result;
  },
  hear: async (channelIds: readonly string[]): Promise<Hearing> => {
    const stream: Subscription<Data> = await subscribe<Data>(typingDocuments.watch, { channelIds });
    return {
      async next() {
        const { done, value } = await stream.next();
        if (done) throw new Error('It has ended.');
        return dataOf(value).typing;
      },
      stop: async () => stream.return?.(),
    };
  },
});
export type Writer = ReturnType<typeof writingOf>;
