import { Client, type Exchange, type Operation } from 'urql';
import { filter, makeSubject, map, merge, pipe } from 'wonka';
import { openCache } from '../chat/cache.ts';
import { EventsDocument } from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';
import { keepCursors } from '../sync/cursors.ts';

/** What a server would answer to the operation of this name. */
export type Answer = (name: string | undefined) => object;

const nameOf = ({ query }: Operation): string | undefined =>
  query.definitions.flatMap((one) => ('operation' in one ? (one.name?.value ?? []) : []))[0];

const noStorage = { readData: async () => ({}), writeData: async () => undefined };

/** urql with the cache of the demo, in front of a server that answers at once; events come in by `take`. */
export async function openCachedClient(viewerId: string, answer: Answer) {
  const cursors = keepCursors();
  const events = makeSubject<ChatEvent>();
  let following: Operation | undefined;
  const server: Exchange = () => (operations$) => {
    const answers$ = pipe(
      operations$,
      filter((operation) => {
        if (operation.kind === 'subscription') following = operation;
        return operation.kind === 'query' || operation.kind === 'mutation';
      }),
      map((operation) => ({ operation, data: answer(nameOf(operation)), stale: false, hasNext: false })),
    );
    const events$ = pipe(
      events.source,
      filter(() => following !== undefined),
      map((event) => {
        if (following === undefined) throw new Error('Nobody follows.');
        return { operation: following, data: { events: event }, stale: false, hasNext: true };
      }),
    );
    return merge([answers$, events$]);
  };
  const client = new Client({
    url: 'http://unused.test',
    preferGetMethod: false,
    exchanges: [openCache({ viewerId, cursors, storage: noStorage }), server],
  });
  await new Promise((resolve) => setImmediate(resolve)); // the cache has read what is stored
  client.subscription(EventsDocument, {}).subscribe(() => undefined);
  return { client, cursors, take: events.next };
}
