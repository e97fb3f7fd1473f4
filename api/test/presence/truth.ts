import type { DeviceId, UserId } from '../../../schema/ids.ts';
import type { ConnectedDevice } from '../../../schema/presence/connected-devices.ts';
import type { PresenceState } from '../../../schema/presence/presence.policy.ts';

/** What was promised: who loses a connection is there for so long, in milliseconds; a little less, as others look for a moment. */
const graceMs = 10_000;
const nearlyGraceMs = graceMs - 100;
/** In which time the end of the last connection is noticed and told, by how it ended, in milliseconds; the first three are published. */
export const noticedMs = { closed: 11_000, killed: 24_000, frozen: 35_000, stopped: 16_000, revoked: 16_000 };
/** Anything else is told within this. */
const soonMs = 1_000;
/** What is written of people is told together with what changes in the 2 s after. */
const writtenMs = 3_500;
/** For so long who writes is shown as such. */
export const typingMs = 6_000;

/** A device that was connected: `to` when it was no more, which others may not know until `toldAt`. */
export type Line = { readonly device: ConnectedDevice; readonly from: number; to: number; toldAt: number };
type Said<T> = { readonly at: number; readonly what: T };
/** Said where others could hear it. */
export type Typed = { readonly at: number; readonly isTyping: boolean };

/** A time, or one up to `marginMs` before it. */
export type Moment = { readonly at: number; readonly marginMs: number };

/** Nobody hides before they say so. */
const atFirst = { at: 0, what: false };

/** What was so between two moments, the last word before them included. */
function wordsIn<T>(said: readonly Said<T>[] | undefined, from: number, to: number): readonly T[] {
  const all = said ?? [];
  const before = all.filter(({ at }) => at < from).slice(-1);
  return [...before, ...all.filter(({ at }) => at >= from && at <= to)].map(({ what }) => what);
}

/**
 * What is truly so, of people on a fleet of servers, and therefore what others may be shown: a record of what was done, and
 * nothing of how servers find it out.
 */
export function createTruth(now: () => number) {
  const lines: Line[] = [];
  const idle = new Map<DeviceId, Said<boolean>[]>();
  const hidden = new Map<UserId, Said<boolean>[]>();
  const typed = new Map<UserId, Typed[]>();
  const add = <K, T>(all: Map<K, T[]>, key: K, one: T) => all.set(key, [...(all.get(key) ?? []), one]);
  const linesOf = (userId: UserId) => lines.filter(({ device }) => device.userId === userId);
  const isHidden = (userId: UserId) => wordsIn(hidden.get(userId), now(), now()).at(-1) ?? false;

  /** What may be shown at some moment between these, to those from whom nothing is kept. */
  function statesOf(userId: UserId, { at: to, marginMs }: Moment): ReadonlySet<PresenceState> {
    const from = to - marginMs - soonMs;
    const claims = linesOf(userId).filter((line) => Math.max(line.to, line.toldAt) >= to - marginMs);
    const states = new Set<PresenceState>();
    const isSurelyThere = claims.some((line) => line.from <= from && line.to + nearlyGraceMs > to);
    if (!isSurelyThere) states.add('OFFLINE');
    const activity = claims.map((line) => {
      const words = wordsIn(idle.get(line.device.deviceId), Math.min(from, line.to - soonMs), to);
      return { words, isSure: line.from <= from && line.to > to };
    });
    if (activity.some(({ words }) => words.includes(false))) states.add('ONLINE');
    const isSurelyActive = activity.some(({ words, isSure }) => isSure && !words.includes(true));
    if (activity.some(({ words }) => words.includes(true)) && !isSurelyActive) states.add('IDLE');
    return states;
  }

  /** The last moment of a line at which the device was surely looked at, and at which it may have been for an instant. */
  function lastActive({ device, from, to }: Line) {
    let [sure, perhaps, activeSince]: [number, number, number | undefined] = [from, from, from];
    for (const { at, what: isIdle } of idle.get(device.deviceId) ?? []) {
      if (at < from || at > to) continue;
      perhaps = at;
      if (activeSince !== undefined && activeSince < at) sure = at;
      activeSince = isIdle ? undefined : at;
    }
    const last = Math.min(to, now());
    return activeSince === undefined
      ? { sure, perhaps, isActive: false }
      : { sure: last, perhaps: last, isActive: true };
  }

  return {
    /** Somebody looks at a device that has just been connected. */
    connect(device: ConnectedDevice): Line {
      add(idle, device.deviceId, { at: now(), what: false });
      const line = { device, from: now(), to: Number.POSITIVE_INFINITY, toldAt: 0 };
      lines.push(line);
      return line;
    },
    end(line: Line, how: keyof typeof noticedMs): void {
      if (line.to <= now()) return;
      line.to = now();
      line.toldAt = now() + noticedMs[how];
    },
    /** A server has ended: what it would have told of those who left before, others have to find out. */
    postpone(how: 'killed' | 'stopped'): void {
      for (const line of lines)
        if (line.to <= now() && line.toldAt > now())
          line.toldAt = Math.max(line.toldAt, now() + noticedMs[how]);
    },
    setIdle: (deviceId: DeviceId, what: boolean) => void add(idle, deviceId, { at: now(), what }),
    hide: (userId: UserId, what: boolean) => void add(hidden, userId, { at: now(), what }),
    setTyping(userId: UserId, isTyping: boolean): void {
      if (!isHidden(userId)) add(typed, userId, { at: now(), isTyping });
    },
    isHidden,
    wasEverHidden: (userId: UserId) => (hidden.get(userId) ?? []).some(({ what }) => what),
    hiddenSince: (userId: UserId) => hidden.get(userId)?.at(-1)?.at ?? 0,
    typedBy: (userId: UserId): readonly Typed[] => typed.get(userId) ?? [],
    /** Who hides is shown as gone, once that is known. */
    shownStates(userId: UserId, moment: Moment): ReadonlySet<PresenceState> {
      const { at, marginMs } = moment;
      const words = wordsIn([atFirst, ...(hidden.get(userId) ?? [])], at - marginMs - writtenMs, at);
      const isKept = words.every(Boolean);
      if (isKept) return new Set(['OFFLINE']);
      const states = statesOf(userId, moment);
      return words.includes(true) ? new Set([...states, 'OFFLINE']) : states;
    },
    /** Between which moments somebody who is not online was seen last, for who may know; undefined when they never were. */
    seenBounds(userId: UserId): { readonly earliest: number; readonly latest: number } | undefined {
      const times = linesOf(userId).map((line) => {
        const { sure, perhaps, isActive } = lastActive(line);
        const isShort = sure - line.from < 2 * soonMs;
        const told = isActive ? line.toldAt - graceMs : 0;
        return { earliest: isShort ? 0 : sure, latest: Math.max(perhaps + soonMs, told) };
      });
      if (times.length === 0) return undefined;
      return {
        earliest: Math.max(...times.map(({ earliest }) => earliest)),
        latest: Math.max(...times.map(({ latest }) => latest)),
      };
    },
  };
}
export type Truth = ReturnType<typeof createTruth>;
