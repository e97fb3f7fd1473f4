import { Client, type Exchange, fetchExchange, subscriptionExchange } from 'urql';
import { endpoint } from '../account/ask.ts';
import type { Session } from '../account/session.ts';
import type { ChatEvent } from '../sync/apply-event.ts';
import { type Asking, askById } from './ask-by-id.ts';
import { createFetch } from './fetch-signed-in.ts';
import { payloadOf, type Sockets } from './sockets.ts';

type Parts = {
  readonly session: Session;
  readonly sockets: Sockets;
  readonly asking: Asking;
  readonly cache: Exchange;
};
type Sink = (event: ChatEvent) => void;

/** urql: queries and mutations over HTTP, subscriptions over the socket; the events come from whichever tab leads. */
export function openClient({ session, sockets, asking, cache }: Parts) {
  let toCache: Sink | undefined;
  const subscriptions = subscriptionExchange({
    forwardSubscription: (request, operation) => ({
      subscribe(sink) {
        if (request.operationName === 'Events') {
          toCache = (events) => sink.next({ data: { events } });
          return {
            unsubscribe() {
              toCache = undefined;
            },
          };
        }
        const payload = {
          ...payloadOf(operation.query, asking.isKnown),
          variables: { ...request.variables },
        };
        return { unsubscribe: sockets.client.subscribe(payload, sink) };
      },
    }),
  });
  const options = { url: endpoint, preferGetMethod: false, fetch: createFetch(session) };
  const client = new Client({
    ...options,
    exchanges: [cache, askById(asking), subscriptions, fetchExchange],
  });
  const uncached = new Client({ ...options, exchanges: [askById(asking), fetchExchange] });
  return { client, uncached, toCache: (event: ChatEvent) => toCache?.(event) };
}
