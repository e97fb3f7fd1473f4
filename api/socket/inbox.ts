import type { Clock } from '../../schema/ports/clock.ts';
import type { SocketLimits } from './admission.ts';
import { createTokenBucket } from './token-bucket.ts';

/** The frames that one socket sends: passed on in order, at most at its rate, and not at all while nothing can be sent back. */
export type Inbox = {
  /** A text frame. */
  take(frame: string): void;
  /** A ping or pong: it costs as much as a frame. */
  takeControl(): void;
  /** Resolves when all that was read until now has been passed on; never when it is closed before. */
  passed(): Promise<void>;
  /** While set, nothing is passed on and nothing is read. */
  setCongested(isCongested: boolean): void;
  /** Nothing is passed on any more. */
  close(): void;
  /** Reading stands still, because of its rate or because nothing can be sent. */
  isPaused(): boolean;
};

type Settings = {
  readonly limits: Pick<SocketLimits, 'framesPerSecond' | 'framesBurst' | 'maxWaitingFrames' | 'floodMs'>;
  readonly clock: Clock;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly onFrame: (frame: string) => void;
  /** More than its rate for too long, or more at once than any client sends. */
  readonly onFlood: () => void;
};

/** A socket that has not used up its tokens for so long is calm again. */
const calmMs = 1_000;

export function createInbox({ limits, clock, pause, resume, onFrame, onFlood }: Settings): Inbox {
  const bucket = createTokenBucket({ perSecond: limits.framesPerSecond, burst: limits.framesBurst }, clock);
  let isClosed = false;
  /** What had been read when reading was paused; bounded, as that is at most one chunk of the network's. */
  let waiting: (string | (() => void))[] = [];
  let isPaused = false;
  let isCongested = false;
  let isRefilling = false;
  /** Since when this socket has been sending more than its rate, and when it last used its tokens up. */
  let flooding: { readonly since: number; readonly emptyAt: number } | undefined;

  function close(): void {
    isClosed = true;
    waiting = [];
  }
  function flood(): void {
    close();
    onFlood();
  }

  /** Asks for tokens only once some more are there: pausing for every single frame would cost more than the frame. */
  async function refill(): Promise<void> {
    if (isRefilling) return;
    isRefilling = true;
    const now = clock.now();
    const waitMs = bucket.msUntil(Math.min(limits.framesBurst, limits.framesPerSecond / 2));
    const since = flooding && now - flooding.emptyAt < calmMs + waitMs ? flooding.since : now;
    flooding = { since, emptyAt: now };
    if (now - since >= limits.floodMs) return flood();
    await clock.sleep(waitMs); // half a second at most
    if (isClosed) return;
    isRefilling = false;
    passOn();
  }

  function passOn(): void {
    let passed = 0;
    while (passed < waiting.length && !isCongested && !isClosed) {
      const next = waiting[passed];
      if (typeof next === 'string' && !bucket.take()) break;
      passed += 1;
      if (typeof next === 'string') onFrame(next);
      else next?.();
    }
    if (isClosed) return;
    waiting.splice(0, passed);
    update();
  }

  function update(): void {
    const isEmpty = bucket.level() < 1;
    if (isEmpty) void refill();
    const mustPause = isCongested || isEmpty || isRefilling || waiting.length > 0;
    if (isClosed || mustPause === isPaused) return;
    isPaused = mustPause;
    if (mustPause) pause();
    else resume();
  }

  return {
    take(frame) {
      if (isClosed) return;
      if (waiting.length === 0 && !isCongested && !isRefilling && bucket.take()) onFrame(frame);
      else if (waiting.push(frame) > limits.maxWaitingFrames) return flood();
      update();
    },
    takeControl() {
      if (isClosed) return;
      if (!bucket.take()) update();
    },
    passed: () =>
      new Promise((resolve) => {
        if (waiting.length === 0) resolve();
        else waiting.push(resolve);
      }),
    setCongested(now) {
      isCongested = now;
      passOn();
    },
    close,
    isPaused: () => isPaused,
  };
}
