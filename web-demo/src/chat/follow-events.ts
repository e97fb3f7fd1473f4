import type { Session } from '../account/session.ts';
import { EventsDocument, type EventsSubscription } from '../gql/graphql.ts';
import type { ChatEvent } from '../sync/apply-event.ts';
import type { Cursors } from '../sync/cursors.ts';
import type { Asking } from './ask-by-id.ts';
import { waitBefore } from './patience.ts';
import { payloadOf, type Sockets } from './sockets.ts';

type Parts = {
  readonly sockets: Sockets;
  readonly session: Session;
  readonly cursors: Cursors;
  readonly asking: Asking;
  /** The server cannot read the cursors: what is held here is to be read anew, as a whole. */
  readonly onDamaged: () => void;
};

/** The code of the first error of an operation; nothing for what ended the socket. */
function codeIn(problem: unknown): unknown {
  const first: unknown = Array.isArray(problem) ? problem[0] : undefined;
  return typeof first === 'object' && first !== null && 'extensions' in first
    ? Object(first.extensions).code
    : undefined;
}

/** The subscription, from the cursors on. After a lost socket the client subscribes again by itself; after an error this does. */
export const createFollowing =
  ({ sockets, session, cursors, asking, onDamaged }: Parts) =>
  (next: (event: ChatEvent) => void): (() => void) => {
    const isOver = new AbortController();
    let end = () => {};

    // Read anew at each attempt: a plain value would be that of the first one for ever.
    const variables = {
      get after() {
        return cursors.all();
      },
    };
    const once = () =>
      new Promise<unknown>((resolve) => {
        const payload = { ...payloadOf(EventsDocument, asking.isKnown), variables };
        end = sockets.client.subscribe<EventsSubscription>(payload, {
          next: ({ data }) => data && next(data.events),
          error: resolve,
          complete: () => resolve(undefined),
        });
      });

    async function follow(): Promise<void> {
      for (let attempt = 0; !isOver.signal.aborted; attempt += 1) {
        const code = codeIn(await once());
        if (isOver.signal.aborted) return;
        session.hear(code);
        if (code === 'BAD_USER_INPUT') return onDamaged();
        if (code === 'PERSISTED_DOCUMENT_NOT_FOUND') asking.isKnown = false;
        await waitBefore(Math.min(attempt, 5), isOver.signal);
      }
    }
    void follow();
    return () => {
      isOver.abort();
      end();
    };
  };
