import type { Logger } from 'pino';
import type { PrismaClient } from '../prisma/generated/client/client.ts';
import { rowIdOf, type SessionId, sessionIdOf, typeOfId } from '../schema/ids.ts';
import type { Bus, BusPayload } from '../schema/ports/bus.ts';
import type { Clock } from '../schema/ports/clock.ts';

/** Who hears that sessions have ended. */
export interface Revocations {
  /** Tells every server, this one included. A hint that may be lost: the caller has written the row before. */
  announce(sessionId: SessionId): void;
  /** Calls back for each session that ends; perhaps more than once, and perhaps for one that nobody here knows. The answer ends it. */
  onRevoked(listener: (sessionId: SessionId) => void): () => void;
  /**
   * Something here lives by this session, such as a socket: it is looked up every 4 s, so that it is cut within 5 s also
   * when the hint was lost (promise G7). The answer ends it; calling it twice is harmless.
   */
  watch(sessionId: SessionId): () => void;
  close(): Promise<void>;
}

const topic = 'sessions';
/** With a second left for the look itself. */
const lookEveryMs = 4_000;

type Settings = {
  readonly bus: Bus;
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Rejects when the bus cannot be subscribed to. */
export async function openRevocations({ bus, prisma, clock, logger }: Settings): Promise<Revocations> {
  const listeners = new Set<(sessionId: SessionId) => void>();
  const watched = createWatchList();
  const closing = new AbortController();
  const tell = (sessionId: SessionId) => {
    for (const listener of [...listeners]) listener(sessionId);
  };
  const look = async () => {
    try {
      for (const sessionId of await endedAmong(prisma, watched.all())) tell(sessionId);
    } catch (err) {
      // The next look comes in 4 s. Until the database answers again, nobody can know.
      logger.error({ err }, 'could not look up which sessions have ended');
    }
  };
  const unsubscribe = await bus.subscribe(topic, (payload) => {
    if (isSessionId(payload)) tell(payload);
  });
  const forgetInterrupted = bus.onInterrupted(() => void look());
  const looking = lookRepeatedly();

  async function lookRepeatedly(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(lookEveryMs, closing.signal);
      if (!closing.signal.aborted) await look();
    }
  }
  return {
    announce: (sessionId) => bus.publish(topic, sessionId),
    onRevoked(listener) {
      // One more closure, so that the same function can listen twice and end once.
      const own = (sessionId: SessionId) => listener(sessionId);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    watch: watched.add,
    async close() {
      closing.abort();
      unsubscribe();
      forgetInterrupted();
      listeners.clear();
      await looking;
    },
  };
}

/** Sessions with the number of those who live by each. */
function createWatchList() {
  const counts = new Map<SessionId, number>();
  return {
    all: () => [...counts.keys()],
    add(sessionId: SessionId) {
      counts.set(sessionId, (counts.get(sessionId) ?? 0) + 1);
      let isWatched = true;
      return () => {
        if (!isWatched) return;
        isWatched = false;
        const left = (counts.get(sessionId) ?? 1) - 1;
        if (left === 0) counts.delete(sessionId);
        else counts.set(sessionId, left);
      };
    },
  };
}

/** One query with one parameter, however many sockets there are; the primary key answers it. */
async function endedAmong(prisma: PrismaClient, sessionIds: readonly SessionId[]): Promise<SessionId[]> {
  if (sessionIds.length === 0) return [];
  const rows = await prisma.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM session
    WHERE id = ANY(${sessionIds.map(rowIdOf.session)}::bigint[]) AND revoked_at IS NOT NULL`;
  return rows.map(({ id }) => sessionIdOf(id));
}

/** What comes over a bus is looked at before it is believed. */
const isSessionId = (payload: BusPayload): payload is SessionId =>
  typeof payload === 'string' && typeOfId(payload) === 'Session';
