import type { Logger } from 'pino';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Deadline } from './push.apns-deadlines.ts';
import type { ApnsRequest } from './push.apns-payload.ts';
import { type ApnsSession, createApnsSession } from './push.apns-session.ts';
import type { Exchange } from './push.apns-stream.ts';

/** So many may wait for their turn: two seconds of Apple at its slowest, and a few megabytes. */
const maxWaiting = 5_000;
/** Pauses between attempts to connect: a second, twice as long each time, never above this. Apple takes hurry for an attack. */
const pauseMs = { first: 1_000, most: 60_000 } as const;

/** What became of a request: an exchange, or that there was none. `unseen` were two in a row. */
export type Delivery =
  | Exchange
  | { readonly kind: 'full' }
  | { readonly kind: 'unreachable'; readonly retryAfterMs: number };

const tooLate: Delivery = { kind: 'lost', isTooLate: true };

export type ApnsOriginSettings = {
  readonly origin: string;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
};

export type ApnsOrigin = {
  send(request: ApnsRequest, deadline: Deadline): Promise<Delivery>;
  close(): void;
};

type Waiting = {
  readonly request: ApnsRequest;
  readonly deadline: Deadline;
  readonly resolve: (delivery: Delivery) => void;
  /** A service that went before it looked was asked once already. */
  isSecond: boolean;
};

/**
 * Sends to one place over one connection, made at the first send, and made anew when it ends. What finds no room waits, in a bounded
 * queue; while no connection can be had, nothing waits at all.
 */
export function createApnsOrigin({ origin, ca, clock, logger }: ApnsOriginSettings): ApnsOrigin {
  /** In the order in which they came. */
  const waiting = new Set<Waiting>();
  /** Those that end, besides the one that is used. */
  const sessions = new Set<ApnsSession>();
  const outages = createOutages(clock, logger);
  let current: ApnsSession | undefined;

  function settleAll(delivery: Delivery): void {
    for (const one of waiting) {
      one.deadline.onOver = undefined;
      one.resolve(delivery);
    }
    waiting.clear();
  }
  function open(): ApnsSession {
    let isReady = false;
    const leave = () => {
      if (current === session) current = undefined;
    };
    const session = createApnsSession(
      { origin, ca, clock },
      {
        onRoom: pump,
        onReady: () => {
          isReady = true;
          outages.end();
        },
        onDraining() {
          leave();
          pump();
        },
        onGone(problem) {
          sessions.delete(session);
          leave();
          if (isReady) return pump();
          settleAll({ kind: 'unreachable', retryAfterMs: outages.begin(problem) });
        },
      },
    );
    sessions.add(session);
    return session;
  }
  function pump(): void {
    for (const one of waiting) {
      current ??= open();
      if (!current.hasRoom()) return;
      waiting.delete(one);
      void deliver(current, one);
    }
  }
  async function deliver(session: ApnsSession, one: Waiting): Promise<void> {
    const { request, deadline } = one;
    const exchange = await session.send(request, deadline);
    if (exchange.kind === 'lost' && exchange.isTooLate) session.doubt();
    if (exchange.kind !== 'unseen' || one.isSecond) return one.resolve(exchange);
    one.isSecond = true;
    wait(one);
  }
  function wait(one: Waiting): void {
    const delivery = whyNot(one.deadline);
    if (delivery !== undefined) {
      one.resolve(delivery);
      return;
    }
    waiting.add(one);
    one.deadline.onOver = () => {
      waiting.delete(one);
      one.resolve(tooLate);
    };
    pump();
  }
  /** Why something is not even to wait. */
  function whyNot(deadline: Deadline): Delivery | undefined {
    if (deadline.isOver()) return tooLate;
    const retryAfterMs = outages.leftMs();
    if (retryAfterMs > 0) return { kind: 'unreachable', retryAfterMs };
    return waiting.size >= maxWaiting ? { kind: 'full' } : undefined;
  }

  return {
    send: (request, deadline) =>
      new Promise((resolve) => wait({ request, deadline, resolve, isSecond: false })),
    close() {
      settleAll({ kind: 'lost', isTooLate: false });
      for (const session of sessions) session.close();
    },
  };
}

/** When to try again, and one line in the log when it is gone and one when it is back. */
function createOutages(clock: Clock, logger: Pick<Logger, 'warn' | 'info'>) {
  let failures = 0;
  let tryAgainAt = 0;
  return {
    /** Returns for how long nothing is tried. */
    begin(err: unknown): number {
      if (failures === 0) logger.warn({ err }, 'APNs cannot be reached; it is tried again until it is back');
      const ms = Math.min(pauseMs.first * 2 ** failures, pauseMs.most);
      failures += 1;
      tryAgainAt = clock.now() + ms;
      return ms;
    },
    end(): void {
      if (failures > 0) logger.info('APNs is back');
      failures = 0;
      tryAgainAt = 0;
    },
    // At most the longest pause: the time of day may be set back.
    leftMs: () => Math.min(tryAgainAt - clock.now(), pauseMs.most),
  };
}
