import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../ports/clock.ts';
import type { Claim, Leases, Orphan } from '../ports/leases.ts';
import { bestFirst, type RunningServer, type SocketEndpoint } from './best-first.ts';

/** The servers of one installation, as far as this one knows: each says of itself where it is and how busy. */
export type Fleet = {
  /** From now on clients may be sent here. `sockets`: how many are open. What is answered ends that, and resolves when others know. */
  join(place: SocketEndpoint, sockets: () => number): () => Promise<void>;
  /** Where to open a socket, best first; nowhere, when nobody has joined. */
  endpoints(): Promise<readonly SocketEndpoint[]>;
  /** Where sockets are, as it was found last: for a page that says beforehand whom it will talk to. */
  known(): readonly string[];
  close(): Promise<void>;
};

type Own = {
  readonly place: SocketEndpoint;
  readonly sockets: () => number;
  readonly end: AbortController;
  saying: Promise<void>;
};

type Settings = {
  readonly leases: Leases;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
};

const key = 'servers';
/** So often a server says how busy it is, and so old may be what is told of others: sockets come by the thousand per second. */
const sayMs = 2_000;
const lookMs = 1_000;

const Value = z.object({ url: z.string(), zone: z.string().nullable(), sockets: z.number() });

export function openFleet({ leases, clock, logger, random = () => 1 - Math.random() }: Settings): Fleet {
  let own: Own | undefined;
  let found: { readonly at: number; readonly servers: Promise<readonly RunningServer[]> } | undefined;
  let last: readonly RunningServer[] = [];
  const ownServer = (): readonly RunningServer[] =>
    own === undefined ? [] : [{ ...own.place, sockets: own.sockets() }];

  async function say({ place, sockets, end: { signal } }: Own): Promise<void> {
    while (!signal.aborted) {
      // Where it cannot be said, others do not send anybody here, and it is said again soon.
      await leases
        .claim(key, { entry: leases.holder, value: { ...place, sockets: sockets() } })
        .catch((err: unknown) => logger.debug({ err }, 'Other servers could not be told of this one.'));
      // A page is told beforehand of all of them, also when nobody has asked where to go.
      await servers();
      await clock.sleep(sayMs, signal);
    }
  }
  async function leave(it: Own | undefined): Promise<void> {
    if (it === undefined || own !== it) return;
    own = undefined;
    found = undefined;
    it.end.abort();
    await it.saying;
    await leases.drop(key, leases.holder).catch(() => undefined); // it ends with the lease
  }

  async function look(): Promise<readonly RunningServer[]> {
    const claimed = (await leases.of([key])).get(key)?.claims ?? [];
    const others = claimed.filter(({ holder }) => holder !== leases.holder).flatMap(serverIn);
    last = [...ownServer(), ...others];
    return last;
  }
  /** Asked for at most once in `lookMs`, however many clients ask. What is not known stays as it was. */
  function servers(): Promise<readonly RunningServer[]> {
    const now = clock.now();
    if (found === undefined || now - found.at >= lookMs)
      found = {
        at: now,
        servers: look().catch((err: unknown) => {
          logger.debug({ err }, 'Other servers could not be asked for.');
          return last.length > 0 ? last : ownServer();
        }),
      };
    return found.servers;
  }

  const dropDead = (orphans: readonly Orphan[]) => {
    for (const orphan of orphans.filter((one) => one.key === key))
      leases.drop(key, orphan.entry, orphan.from).catch(() => undefined); // handed to somebody again
  };
  const stop = leases.onOrphaned(dropDead);

  return {
    join(place, sockets) {
      own?.end.abort();
      const joined: Own = { place, sockets, end: new AbortController(), saying: Promise.resolve() };
      own = joined;
      found = undefined;
      joined.saying = say(joined);
      return () => leave(joined);
    },
    async endpoints() {
      return bestFirst(await servers(), { zone: own?.place.zone ?? null, random });
    },
    known: () => [...new Set([...ownServer(), ...last].map(({ url }) => url))],
    async close() {
      stop();
      await leave(own);
    },
  };
}

/** What cannot be read was said by a server of another release. */
function serverIn({ value }: Claim): readonly RunningServer[] {
  const parsed = Value.safeParse(value);
  return parsed.success ? [parsed.data] : [];
}
