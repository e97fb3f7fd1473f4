import type { Socket } from 'node:net';
import { isPlain, type LaneConditions } from './conditions.ts';

/** One direction of one connection: what comes from one socket goes to the other, as the network allows. */
export type Lane = {
  /** From now on, and for what waits here already. */
  set(conditions: LaneConditions): void;
  take(bytes: Buffer): void;
  /** No more comes; what comes nevertheless is lost. Behind what waits. */
  end(): void;
  /** The source is gone. Behind what waits, unless nobody takes that. */
  reset(): void;
  /** The destination is gone: what waits is lost, and what comes stays with the source, as without a receiver. */
  close(): void;
};

type Options = {
  readonly source: Socket;
  readonly destination: Socket;
  readonly conditions: LaneConditions;
  readonly random: () => number;
  /** A reset has arrived. */
  readonly onReset: () => void;
  /** `cutAfterBytes` have been handed to the destination, and nothing else will be. */
  readonly onCut: () => void;
};

type Part = { readonly what: Buffer | 'end' | 'reset'; readonly due: number };

/** About as much as a system keeps for a sender whose packets get lost. Beyond it nothing more is read from the source. */
const maxWaitingBytes = 1_048_576;
/** A narrow line is not a long one: no more than a second of it waits, but as much as one read may bring. */
const leastWaitingBytes = 65_536;
/** A narrow line moves its bytes so often. */
const pieceMs = 50;
/** Whoever does not read has so long before a reset overtakes what waits for it. */
const overtakeMs = 1_000;

const boundOf = ({ bytesPerSecond, isSilent }: LaneConditions) =>
  isSilent ? maxWaitingBytes : Math.min(maxWaitingBytes, Math.max(leastWaitingBytes, bytesPerSecond));

const pieceOf = ({ bytesPerSecond }: LaneConditions) =>
  Math.max(1, Math.ceil((bytesPerSecond * pieceMs) / 1_000));

export function createLane({ source, destination, random, onReset, onCut, ...options }: Options): Lane {
  let { conditions } = options;
  let plain = isPlain(conditions);
  let uncutBytes = conditions.cutAfterBytes;
  let waiting: Part[] = [];
  let waitingBytes = 0;
  /** When the newest of them is due, and when the line is free for the oldest. */
  let lastDue = 0;
  let freeAt = 0;
  let timer: NodeJS.Timeout | undefined;
  /** The destination has more than it takes. */
  let isFull = false;
  let isEnded = false;
  let isReset = false;
  let isClosed = false;
  destination.on('drain', () => {
    isFull = false;
    move();
  });

  function add(what: Part['what']): void {
    const { latencyMs, jitterMs } = conditions;
    lastDue = Math.max(lastDue, performance.now() + latencyMs + jitterMs * random());
    waiting.push({ what, due: lastDue });
    if (Buffer.isBuffer(what)) waitingBytes += what.length;
    move();
  }

  /** As much of the oldest part as may go in one piece. */
  function passBytes({ due }: Part, bytes: Buffer): void {
    const piece = bytes.subarray(0, Math.min(pieceOf(conditions), uncutBytes));
    if (piece.length === bytes.length) waiting.shift();
    else waiting[0] = { what: bytes.subarray(piece.length), due };
    waitingBytes -= piece.length;
    freeAt = Math.max(freeAt, performance.now()) + (piece.length / conditions.bytesPerSecond) * 1_000;
    uncutBytes -= piece.length;
    if (uncutBytes > 0) isFull = !destination.write(piece);
    else {
      close();
      // Only when they are gone, so that it does not overtake them.
      destination.write(piece, onCut);
    }
  }

  function pass(part: Part): void {
    if (Buffer.isBuffer(part.what)) passBytes(part, part.what);
    else {
      waiting.shift();
      if (part.what === 'end') destination.end();
      else onReset();
    }
  }

  /** In milliseconds; Infinity when it is not time that is waited for. */
  function waitOf({ what, due }: Part): number {
    if (conditions.isSilent) return Infinity;
    if (isFull) return isReset ? overtakeMs : Infinity;
    const at = Buffer.isBuffer(what) ? Math.max(due, freeAt) : due;
    return Math.max(0, Math.ceil(at - performance.now()));
  }

  /** Passes what may go, and stops or goes on reading: whoever does not read stops whoever writes. */
  function move(): void {
    clearTimeout(timer);
    for (let part = waiting[0]; part !== undefined; part = waiting[0]) {
      const waitMs = waitOf(part);
      if (waitMs > 0) {
        if (waitMs < Infinity) timer = setTimeout(isFull ? onReset : move, waitMs);
        break;
      }
      pass(part);
    }
    if (isClosed || isFull || waitingBytes >= boundOf(conditions)) source.pause();
    else source.resume();
  }

  function close(): void {
    isClosed = true;
    waiting = [];
    waitingBytes = 0;
    clearTimeout(timer);
    source.pause();
  }

  return {
    close,
    set(next) {
      conditions = next;
      plain = isPlain(next);
      uncutBytes = next.cutAfterBytes;
      waiting = waiting.map(({ what }) => ({ what, due: 0 }));
      lastDue = 0;
      freeAt = 0;
      move();
    },
    take(bytes) {
      if (isEnded || isClosed) return;
      if (!plain || waiting.length > 0) return add(bytes);
      isFull = !destination.write(bytes);
      if (isFull) source.pause();
    },
    end() {
      if (isEnded || isClosed) return;
      isEnded = true;
      add('end');
    },
    reset() {
      if (isReset) return;
      isReset = true;
      add('reset');
    },
  };
}
