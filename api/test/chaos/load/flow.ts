import type { WebSocket } from 'ws';

/** What a device lets through its socket. */
export type Flow = {
  /** Sends a frame, or keeps it as long as nothing gets through. */
  send(frame: string): void;
  /** So many bytes were read. */
  wasRead(bytes: number): void;
  /** From now on nothing is read and nothing is sent. */
  hold(): void;
  /** What was kept is sent, and reading goes on. */
  release(): void;
  isHeld(): boolean;
  /** Reads no faster than that; undefined: as fast as it can. */
  limit(bytesPerSecond: number | undefined): void;
  isSlow(): boolean;
  /** What still comes is read, so that the socket can end as it should. */
  close(): void;
};

/** However much came at once, reading goes on after this long, in milliseconds: answers to pings are read as well. */
const mostPauseMs = 10_000;

/**
 * Reading is stopped below the WebSocket, as by an app that does not get to it: then the network between fills up, and what the server
 * has for this device waits there.
 */
export function createFlow(webSocket: WebSocket): Flow {
  let kept: string[] | undefined;
  let rate: number | undefined;
  let freeAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function readOn(): void {
    const leftMs = freeAt - performance.now();
    timer = leftMs > 0 ? setTimeout(readOn, leftMs) : undefined;
    if (timer === undefined && kept === undefined) webSocket.resume();
  }
  const send = (frame: string) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(frame);
  };
  return {
    send: (frame) => void (kept === undefined ? send(frame) : kept.push(frame)),
    wasRead(bytes) {
      if (rate === undefined) return;
      const now = performance.now();
      freeAt = Math.min(Math.max(freeAt, now) + (bytes / rate) * 1_000, now + mostPauseMs);
      webSocket.pause();
      timer ??= setTimeout(readOn, freeAt - now);
    },
    hold() {
      kept ??= [];
      webSocket.pause();
    },
    release() {
      const frames = kept ?? [];
      kept = undefined;
      for (const frame of frames) send(frame);
      if (timer === undefined) webSocket.resume();
    },
    isHeld: () => kept !== undefined,
    limit(bytesPerSecond) {
      rate = bytesPerSecond;
      if (rate !== undefined) return;
      freeAt = 0;
      clearTimeout(timer);
      readOn();
    },
    isSlow: () => rate !== undefined,
    close() {
      rate = undefined;
      kept = undefined;
      clearTimeout(timer);
      webSocket.resume();
    },
  };
}
