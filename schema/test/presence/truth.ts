import type { UserId } from '../../ids.ts';
import { graceMs, leaseMs, reapMs } from '../../ports/leases.ts';
import type { PresenceState } from '../../presence/presence.policy.ts';
import { type Model, start, userIds } from './model.ts';

/** So late is anything, at most, that is not waited for on purpose. */
export const soonMs = 750;
/** The bounds: after the last connection was closed, and after its process was killed. */
export const closedMs = graceMs + soonMs;
export const killedMs = leaseMs + reapMs + graceMs + soonMs;
/** What is written of people is told together with what changes so soon after. */
export const writtenMs = 2_000 + soonMs;
/** Those who look do so at least so often. */
export const renewMs = 60_000;

/** What is true of one person. */
export type Truth = {
  readonly state: PresenceState;
  /** Since when nothing of that has changed; and whether that was so for long enough before to be known. */
  readonly since: number;
  readonly wasThere: boolean;
  /** Whether they may be shown as there for longer than that, or not so long. */
  readonly isDoubted: boolean;
  /** From when on it is to be shown; and from when on what is written of them, and stands between the two, is known. */
  readonly settledAt: number;
  readonly writtenAt: number;
  /** The last moment at which others could have seen them there, and the last of which a process must know that still lives. */
  readonly seenAt: number;
  readonly surelySeenAt: number;
};

/** Keeps what is so, and until when it may still be shown otherwise. */
export function createRecord({ clock, store }: Model, stateNow: (userId: UserId) => PresenceState) {
  const changedAt = new Map<UserId, number>();
  const settledAt = new Map<string, number>();
  const [wasThere, cameAt] = [new Set<UserId>(), new Map<UserId, number>()];
  /** When they were there last, whether or not anybody could see that. */
  const thereAt = new Map<UserId, number>();
  const doubtedUntil = new Map<UserId, number>();
  const [seenAt, surelySeenAt] = [new Map<UserId, number>(), new Map<UserId, number>()];
  const msSince = (at: number | undefined) => clock.now() - (at ?? 0);

  const record = {
    /** From now on something else is so, of this person or between two, and shows after so long at most. */
    settle(place: string, lateMs: number): void {
      settledAt.set(place, Math.max(settledAt.get(place) ?? 0, clock.now() + lateMs));
    },
    /** The same of a person who comes, goes, or says that nobody looks. */
    note(userId: UserId, lateMs: number): void {
      if (msSince(cameAt.get(userId) ?? clock.now()) < soonMs) wasThere.delete(userId);
      else wasThere.add(userId);
      changedAt.set(userId, clock.now());
      record.settle(userId, lateMs);
    },
    isSettled: (place: string) => (settledAt.get(place) ?? 0) <= clock.now(),
    /** Who connects is active for a moment, unless they were otherwise a moment ago. */
    arrive: (userId: UserId) => thereAt.set(userId, clock.now()),
    /** A process has died that may have known alone what has just happened: others find out when they find that it has. */
    lose(userId: UserId): void {
      if (msSince(changedAt.get(userId)) >= soonMs) return;
      surelySeenAt.delete(userId);
      doubtedUntil.set(userId, clock.now() + killedMs);
    },
    /** A process has died that others held for dead already. */
    doubt: (userId: UserId) => doubtedUntil.set(userId, clock.now() + killedMs),
    /** What they did could not be written. */
    miss: (userId: UserId) => surelySeenAt.delete(userId),
    /** Before and after anything changes: what was so until now. Who has just gone still counts as seen, for as long as it takes. */
    look(): void {
      const now = clock.now();
      for (const userId of userIds) {
        const [state, isVisible] = [stateNow(userId), !store.profileOf(userId).isInvisible];
        if (state === 'ONLINE') thereAt.set(userId, now);
        if (state === 'OFFLINE') cameAt.delete(userId);
        else if (!cameAt.has(userId)) cameAt.set(userId, now);
        if (isVisible && msSince(thereAt.get(userId)) <= killedMs) seenAt.set(userId, now);
        if (isVisible && state === 'ONLINE') surelySeenAt.set(userId, now);
      }
    },
    truthOf(viewerId: UserId, userId: UserId): Truth {
      record.look();
      const places = [`${userId} written`, `${viewerId} ${userId}`];
      const writtenAt = Math.max(...places.map((place) => settledAt.get(place) ?? start));
      return {
        state: stateNow(userId),
        since: changedAt.get(userId) ?? start,
        wasThere: wasThere.has(userId),
        isDoubted: (doubtedUntil.get(userId) ?? 0) >= clock.now(),
        settledAt: Math.max(writtenAt, settledAt.get(userId) ?? start),
        writtenAt,
        seenAt: seenAt.get(userId) ?? 0,
        surelySeenAt: surelySeenAt.get(userId) ?? 0,
      };
    },
  };
  return record;
}
export type Record = ReturnType<typeof createRecord>;
