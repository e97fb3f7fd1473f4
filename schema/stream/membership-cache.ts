import type { ChannelId, UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Membership, Memberships } from '../ports/memberships.ts';

/** How old an answer may be: so long may a send still pass after a removal that another process wrote. */
export const maxAgeMs = 2_000;
/** So many members at most: a few megabytes. */
export const maxEntries = 20_000;

/** Who may send is asked with every send: one read per member and 2 s instead. */
export interface MembershipCache {
  get(userId: UserId, channelId: ChannelId): Promise<Membership | undefined>;
  /** This process changed who belongs to the channel: it must not answer from before. */
  forget(channelId: ChannelId): void;
}

export function createMembershipCache(memberships: Pick<Memberships, 'of'>, clock: Clock): MembershipCache {
  type Entry = { readonly found: Promise<Membership | undefined>; readonly at: number };
  const channels = new Map<ChannelId, Map<UserId, Entry>>();
  let count = 0;

  function forget(channelId: ChannelId): void {
    count -= channels.get(channelId)?.size ?? 0;
    channels.delete(channelId);
  }

  /** A clock that was set back must not keep an answer for longer. */
  function isFresh({ at }: Entry): boolean {
    const ageMs = clock.now() - at;
    return ageMs >= 0 && ageMs < maxAgeMs;
  }

  return {
    get(userId, channelId) {
      const known = channels.get(channelId)?.get(userId);
      if (known !== undefined && isFresh(known)) return known.found;
      // The oldest channel goes first; a Map remembers the order.
      for (const oldest of channels.keys()) {
        if (count < maxEntries) break;
        forget(oldest);
      }
      const found = memberships.of(userId, [channelId]).then(([membership]) => membership);
      const members = channels.get(channelId) ?? new Map<UserId, Entry>();
      channels.set(channelId, members);
      if (!members.has(userId)) count += 1;
      members.set(userId, { found, at: clock.now() });
      found.catch(() => forget(channelId));
      return found;
    },
    forget,
  };
}
