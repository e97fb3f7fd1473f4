import { constants, type Http2Session, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

/** The connections of a service, and what is on its way over them. */
export function createSessions(maxConcurrentStreams: number) {
  let allowed = maxConcurrentStreams;
  let [opened, most, pings] = [0, 0, 0];
  const open = new Map<Http2Session, { readonly number: number; readonly streams: Set<ServerHttp2Stream> }>();
  const of = ({ session }: ServerHttp2Stream) => (session === undefined ? undefined : open.get(session));

  return {
    settings: () => ({ maxConcurrentStreams: allowed }),
    add(session: ServerHttp2Session): void {
      opened += 1;
      open.set(session, { number: opened, streams: new Set() });
      session.on('ping', () => {
        pings += 1;
      });
      session.on('error', () => undefined);
      session.once('close', () => open.delete(session));
      if (allowed !== maxConcurrentStreams) session.settings({ maxConcurrentStreams: allowed });
    },
    /** Returns what is to be called when it is answered. */
    enter(stream: ServerHttp2Stream): () => void {
      const streams = of(stream)?.streams;
      stream.on('error', () => undefined);
      streams?.add(stream);
      most = Math.max(most, streams?.size ?? 0);
      return () => void streams?.delete(stream);
    },
    numberOf: (stream: ServerHttp2Stream) => of(stream)?.number ?? 0,
    seen: {
      /** Opened since the beginning, and open now. */
      connections: () => ({ opened, open: open.size }),
      /** The most requests that were on their way over one connection. */
      mostAtOnce: () => most,
      pings: () => pings,
      /** Requests that are on their way now. */
      running: () => [...open.values()].reduce((sum, { streams }) => sum + streams.size, 0),
    },
    /** Changes how many requests may be on their way over one connection, of those that are open also. */
    allowAtOnce(count: number): void {
      allowed = count;
      for (const session of open.keys()) session.settings({ maxConcurrentStreams: count });
    },
    /**
     * Says that all connections end. With `refusing`, what is not answered yet was never looked at; else it still gets its answer.
     * `code` other than 0 is an error, and ends them at once.
     */
    goAway({ refusing = false, code = 0 }: { refusing?: boolean; code?: number } = {}): void {
      for (const [session, { streams }] of open) {
        const refused = refusing ? [...streams] : [];
        const first = Math.min(...refused.map(({ id = 0 }) => id));
        // Node takes 0 for "all that have come": where the very first is refused, it is told so by itself.
        session.goaway(code, refusing && first > 1 ? first - 2 : 0, Buffer.from('{"reason":"Shutdown"}'));
        if (first === 1) for (const stream of refused) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      }
    },
    /** Resolves when all who are connected have heard everything that was said to them until now. */
    async ping(): Promise<void> {
      await Promise.all(
        [...open.keys()].map((session) => new Promise<void>((resolve) => session.ping(() => resolve()))),
      );
    },
    drop(): void {
      for (const session of open.keys()) session.destroy();
    },
  };
}
