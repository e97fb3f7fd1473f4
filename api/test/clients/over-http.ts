import { ask } from '../client/ask.ts';
import type { Outgoing } from './chat.ts';
import { type ChannelsData, documents, type SendData } from './documents.ts';
import { untilAnswered } from './patience.ts';
import type { KeptSession } from './session.ts';

// region over-http
/** Queries and mutations with nothing but `fetch`. */
export function openHttp(httpUrl: string, session: KeptSession) {
  const askSignedIn = async <Data>(query: string, variables?: Readonly<Record<string, unknown>>) => {
    const answer = await ask<Data>(httpUrl, {
      query,
      variables: variables ?? {},
      token: await session.token(),
    });
    for (const { extensions } of answer.errors ?? []) session.hear(extensions?.code);
    return answer;
  };
  return {
    ask: askSignedIn,
    channels: () => askSignedIn<ChannelsData>(documents.channels),
    send: (input: Outgoing) =>
      untilAnswered(
        async () => (await askSignedIn<SendData>(documents.sendMessage, { input })).data?.sendMessage,
      ),
  };
}
// endregion
