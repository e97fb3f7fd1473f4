import type { Clock } from '../../schema/ports/clock.ts';

/** Connections to one host at once; what is more waits for one of them. */
export const maxSockets = 20;
/** Requests to one host at once, those that wait included: what comes behind them would wait in vain. */
const maxAtOnce = 220;
/** A host that so many in a row had no answer from is left alone: all its connections waited in vain. */
const maxSilent = maxSockets;
/** Then one at a time tries it again, after so long in milliseconds. */
const pauseMs = 5_000;
/** Hosts that are remembered for their silence; the oldest makes room. */
const maxHosts = 1_000;

type Host = { running: number; silent: number; askAgainAt: number };
export type Wait = { readonly isSilent: boolean; readonly waitMs: number };

/**
 * Keeps a host that does not answer from taking what others need: each request to it holds a worker for ten seconds. `enter` says
 * how long to wait instead of asking; whoever may ask calls `leave` afterwards, with whether there was an answer.
 */
export function createPatience(clock: Clock) {
  const hosts = new Map<string, Host>();
  const hostOf = (name: string): Host => {
    const known = hosts.get(name);
    if (known !== undefined) return known;
    const made = { running: 0, silent: 0, askAgainAt: 0 };
    if (hosts.size >= maxHosts) {
      const idle = [...hosts].find(([, { running }]) => running === 0);
      if (idle !== undefined) hosts.delete(idle[0]);
    }
    hosts.set(name, made);
    return made;
  };
  return {
    enter(name: string): Wait | undefined {
      const host = hostOf(name);
      const now = clock.now();
      if (host.running >= maxAtOnce) return { isSilent: false, waitMs: 1_000 };
      if (host.silent >= maxSilent) {
        if (now < host.askAgainAt) return { isSilent: true, waitMs: host.askAgainAt - now };
        host.askAgainAt = now + pauseMs;
      }
      host.running += 1;
      return undefined;
    },
    /** Undefined where it was not asked after all. */
    leave(name: string, hasAnswered: boolean | undefined): void {
      const host = hostOf(name);
      host.running = Math.max(0, host.running - 1);
      if (hasAnswered !== undefined) host.silent = hasAnswered ? 0 : host.silent + 1;
      if (host.silent >= maxSilent) host.askAgainAt = clock.now() + pauseMs;
      if (host.running === 0 && host.silent === 0) hosts.delete(name);
    },
  };
}
