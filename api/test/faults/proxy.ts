import type { Socket } from 'node:net';
import type { Conditions, Direction } from './conditions.ts';
import { openDoor } from './door.ts';
import { createLink, type Link } from './link.ts';

export type { Conditions } from './conditions.ts';

/** A network between clients and a server on this computer, as good or bad as is said. Without conditions nobody notices it. */
export type FaultProxy = {
  /** On 127.0.0.1; nobody else gets it before `close`. */
  readonly port: number;
  /** Replaces all conditions, for living connections, too; `{}` heals. Resolves when it is so. */
  set(conditions: Conditions): Promise<void>;
  /** Resets all living connections on both sides (RST). Returns how many there were, as all of these do. */
  reset(): number;
  /** Half-closes them: the receiver of this direction sees an end (FIN), behind what is under way to it; the other direction goes on. */
  end(direction: Direction): number;
  /** Closes them on both sides (FIN), as when a program between them ends. What is under way is lost. */
  cut(): number;
  /** Those that live, at least on one side. */
  connections(): number;
  /** Who connects from now on comes to that port; the living connections stay where they are. */
  retarget(port: number): void;
  /** Cuts what lives, and leaves the port. Resolves when all of it is gone. */
  close(): Promise<void>;
};

export type FaultProxyOptions = {
  readonly targetPort: number;
  /** Where it listens, if that must be known before; a free one otherwise. */
  readonly port?: number;
  /** From 0, below 1: for the jitter. */
  readonly random: () => number;
};

/** Bounded for each connection: about 1 MB in each direction, then whoever writes has to wait. */
export async function openFaultProxy({
  port = 0,
  random,
  ...options
}: FaultProxyOptions): Promise<FaultProxy> {
  let { targetPort } = options;
  let conditions: Conditions = {};
  let isClosed = false;
  const links = new Set<Link>();
  let whenNone = () => {};

  function take(client: Socket): void {
    const onGone = () => {
      links.delete(link);
      if (links.size === 0) whenNone();
    };
    const link: Link = createLink({ client, conditions, random, targetPort: () => targetPort, onGone });
    links.add(link);
  }
  const door = await openDoor(port, take);
  await door.open();

  const toAll = (happen: (link: Link) => void) => {
    const living = [...links];
    for (const link of living) happen(link);
    return living.length;
  };
  /** One after the other: a door that is still opening cannot be shut. */
  let turn = Promise.resolve();
  function setDoor(): Promise<void> {
    const mine = turn.then(() => {
      if (isClosed) return;
      return conditions.refuses ? door.shut() : door.open();
    });
    turn = mine.catch(() => undefined);
    return mine;
  }
  return {
    port: door.port,
    async set(next) {
      conditions = next;
      toAll((link) => link.set(next));
      await setDoor();
    },
    reset: () => toAll((link) => link.reset()),
    end: (direction) => toAll((link) => link.end(direction)),
    cut: () => toAll((link) => link.cut()),
    connections: () => links.size,
    retarget(next) {
      targetPort = next;
    },
    async close() {
      isClosed = true;
      await turn;
      door.close();
      toAll((link) => link.cut());
      if (links.size > 0) await new Promise<void>((resolve) => (whenNone = resolve));
    },
  };
}
