import { type FaultProxy, openFaultProxy } from '../faults/proxy.ts';
import { createRandom } from '../smoke/random.ts';

/** All connections of one kind of peer to another. */
export type Link = { readonly from: string; readonly to: string; readonly proxy: FaultProxy };

/** A network where each link can be broken on its own. Only connections of this computer. */
export type Links = {
  /** One more, to this port. */
  open(from: string, to: string, targetPort: number): Promise<FaultProxy>;
  /** Throws where there is none. */
  find(from: string, to: string): FaultProxy;
  all(): readonly Link[];
  /** Whoever connects to this one from now on comes to that port. */
  pointTo(to: string, port: number): void;
  /** Every link is as it should be. */
  heal(): Promise<void>;
  close(): Promise<void>;
};

/** What a link draws depends on the seed and its own name, not on which was opened first. */
export function createLinks(seed: number): Links {
  const links: Link[] = [];
  return {
    async open(from, to, targetPort) {
      const random = createRandom(seed + hashOf(`${from} ${to}`)).next;
      const proxy = await openFaultProxy({ targetPort, random });
      links.push({ from, to, proxy });
      return proxy;
    },
    find(from, to) {
      const found = links.find((link) => link.from === from && link.to === to);
      if (found === undefined) throw new Error(`There is no link from ${from} to ${to}.`);
      return found.proxy;
    },
    all: () => [...links],
    pointTo(to, port) {
      for (const link of links) if (link.to === to) link.proxy.retarget(port);
    },
    async heal() {
      await Promise.all(links.map(({ proxy }) => proxy.set({})));
    },
    async close() {
      await Promise.all(links.splice(0).map(({ proxy }) => proxy.close()));
    },
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of Buffer.from(text)) hash = Math.imul(hash ^ letter, 0x01000193) >>> 0;
  return hash;
}
