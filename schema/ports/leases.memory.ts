import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import {
  type Claim,
  type Claimed,
  graceMs,
  type Leases,
  leaseMs,
  type Orphan,
  reapMs,
  renewMs,
} from './leases.ts';

/** How long it is remembered when something under a key changed last, in milliseconds. */
const memoryMs = 600_000;

/** `from`: who claimed it first. `isOver`: it has run out, and is still to be dropped. */
type Held = Claim & { readonly from: string; readonly isOver: boolean };
type Key = { readonly claims: Map<string, Held>; changedAt: number };

/** What several processes share. One process alone has one of its own. */
export type LeaseSpace = { readonly keys: Map<string, Key>; readonly renewedAt: Map<string, number> };
export const createLeaseSpace = (): LeaseSpace => ({ keys: new Map(), renewedAt: new Map() });

const placeOf = (from: string, entry: string) => `${from} ${entry}`;

/** What was true of a key before now: claims that have run out are gone, since the times at which they did. */
function expire(key: Key, now: number): void {
  for (const [place, claim] of key.claims) {
    if (claim.isOver || claim.until === undefined || claim.until > now) continue;
    key.claims.set(place, { ...claim, isOver: true });
    key.changedAt = Math.max(key.changedAt + 1, claim.until);
  }
}

type Settings = {
  readonly clock: Clock;
  readonly space?: LeaseSpace;
};

/** The reference, and the real one of a single process. */
export function openMemoryLeases({ clock, space = createLeaseSpace() }: Settings): Leases & { kill(): void } {
  const holder = randomUUID();
  const end = new AbortController();
  const heirs = new Set<(orphans: readonly Orphan[]) => void>();
  const losers = new Set<() => void>();
  const { keys, renewedAt } = space;
  renewedAt.set(holder, clock.now());

  function change(name: string, apply: (claims: Map<string, Held>) => void): void {
    if (end.signal.aborted) throw new Error('The leases are closed.');
    const now = clock.now();
    const key = keys.get(name) ?? { claims: new Map<string, Held>(), changedAt: 0 };
    keys.set(name, key);
    expire(key, now);
    apply(key.claims);
    key.changedAt = Math.max(key.changedAt + 1, now);
  }

  /** Takes over what the dead have left; answers what that is. */
  function reap(): Orphan[] {
    const now = clock.now();
    const isDead = (other: string) => other !== holder && now - (renewedAt.get(other) ?? 0) >= leaseMs;
    const orphans: Orphan[] = [];
    for (const [name, key] of keys) {
      expire(key, now);
      for (const [place, claim] of key.claims) {
        if (!isDead(claim.holder)) continue;
        const until = Math.min(claim.until ?? Number.POSITIVE_INFINITY, now + graceMs);
        key.claims.set(place, { ...claim, holder, until });
        const { entry, value, from } = claim;
        orphans.push({ key: name, entry, value, from, until });
      }
      if (key.claims.size === 0 && now - key.changedAt > memoryMs) keys.delete(name);
    }
    for (const other of [...renewedAt.keys()]) if (isDead(other)) renewedAt.delete(other);
    return orphans;
  }

  /** Whoever speaks lives. */
  function renew(): void {
    const isLost = !renewedAt.has(holder);
    renewedAt.set(holder, clock.now());
    if (isLost) for (const onLost of losers) onLost();
  }
  async function repeat(everyMs: number, work: () => void): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs, end.signal);
      if (end.signal.aborted) return;
      work();
    }
  }
  const loops = [
    repeat(renewMs, renew),
    repeat(reapMs, () => {
      const orphans = reap();
      if (orphans.length > 0) for (const onOrphaned of heirs) onOrphaned(orphans);
    }),
  ];

  function claimedAt(name: string, now: number): Claimed {
    const key = keys.get(name);
    if (key === undefined) return { claims: [], changedAt: undefined };
    expire(key, now);
    const standing = [...key.claims.values()].filter(({ isOver }) => !isOver);
    return { claims: standing.map(({ from: _, isOver: __, ...claim }) => claim), changedAt: key.changedAt };
  }

  return {
    holder,
    async claim(name, { entry, value, until }) {
      const claim = { ...{ holder, from: holder, entry, value, until }, isOver: false };
      const before = claimedAt(name, clock.now()).claims;
      change(name, (claims) => claims.set(placeOf(holder, entry), claim));
      if (clock.now() - (renewedAt.get(holder) ?? 0) >= leaseMs) renew();
      return before;
    },
    async drop(name, entry, from = holder) {
      const place = placeOf(from, entry);
      const held = keys.get(name)?.claims.get(place);
      if (held?.holder !== holder) return;
      if (held.isOver) keys.get(name)?.claims.delete(place);
      else change(name, (claims) => claims.delete(place));
    },
    async of(names) {
      const now = clock.now();
      return new Map(names.map((name) => [name, claimedAt(name, now)]));
    },
    onOrphaned(listener) {
      heirs.add(listener);
      return () => heirs.delete(listener);
    },
    onLost(listener) {
      losers.add(listener);
      return () => losers.delete(listener);
    },
    async close() {
      renewedAt.delete(holder);
      end.abort();
      await Promise.all(loops);
    },
    /** Dies: nothing is renewed, and nothing is dropped. */
    kill: () => end.abort(),
  };
}
