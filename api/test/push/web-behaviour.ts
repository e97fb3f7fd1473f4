import type { ServerResponse } from 'node:http';

/**
 * How the service answers. A status with headers and a body; `never`: the connection stays, silent; `slowly`: one byte of an answer
 * in a second; `hang up`: the connection ends.
 */
export type WebAnswer = {
  readonly status: number | 'never' | 'slowly' | 'hang up';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Behind the body: without end as fast as it is read, or one byte in a second. */
  readonly more?: 'endless' | 'dripping';
  /** Whether the device gets it. Absent: where the status is 2xx. */
  readonly isTaken?: boolean;
};

const dripMs = 1_000;
const chunk = Buffer.alloc(64 * 1_024, 'x');

/** Calls it each second until the connection is closed. */
function eachSecond(response: ServerResponse, write: (nth: number) => unknown): void {
  let nth = 0;
  const timer = setInterval(() => write(nth++), dripMs);
  timer.unref();
  response.once('close', () => clearInterval(timer));
  write(nth++);
}

const slowAnswer = 'HTTP/1.1 201 Created\r\nX-Slow: ';

/** Writes as fast as it is read, without end. */
function flood(response: ServerResponse, onSent: (bytes: number) => void): void {
  let isDrained = true;
  while (isDrained && !response.destroyed) {
    onSent(chunk.length);
    isDrained = response.write(chunk);
  }
  if (!response.destroyed) response.once('drain', () => flood(response, onSent));
}

/** Does what it is told. `onSent` counts the bytes of an endless answer. */
export function behave(response: ServerResponse, answer: WebAnswer, onSent: (bytes: number) => void): void {
  const { status, headers = {}, body = '', more } = answer;
  if (status === 'hang up') response.socket?.destroy();
  if (status === 'slowly') eachSecond(response, (nth) => response.socket?.write(slowAnswer[nth] ?? 'x'));
  if (typeof status !== 'number') return;
  response.writeHead(status, headers);
  if (more === undefined) response.end(body);
  else response.write(body);
  if (more === 'dripping') eachSecond(response, () => response.write('x'));
  if (more === 'endless') flood(response, onSent);
}
