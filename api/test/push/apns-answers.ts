import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';

/** A byte each so often is what a hostile service says. */
const slowMs = 20;
const block = Buffer.alloc(16_384, 'x');

/**
 * What to say. `never`: nothing. `drop`: the connection breaks; `takeAndDrop`: when the device
 * has it. `refuse`: this request was not looked at (REFUSED_STREAM).
 * `slowly`: a status, then one byte after another without end. `endless`: a status, then as much as the other side takes.
 * `breakOff`: a status and the beginning of a reason, then the connection breaks.
 */
export type ApnsAnswer =
  | {
      readonly status: number;
      readonly reason?: string;
      /** Of 410: since when the token is not good any more. */
      readonly timestamp?: number;
      readonly retryAfter?: string;
      readonly location?: string;
      /** Instead of what Apple would say. */
      readonly body?: string;
    }
  | 'never'
  | 'drop'
  | 'takeAndDrop'
  | 'refuse'
  | { readonly slowly: number }
  | { readonly endless: number }
  | { readonly breakOff: number };

/** Resolves when it is said, or nobody listens any more. `onPour` hears how much an answer without end has become. */
export async function giveAnswer(
  stream: ServerHttp2Stream,
  answer: ApnsAnswer,
  onPour: (bytes: number) => void,
): Promise<void> {
  if (stream.closed || stream.destroyed) return;
  if (answer === 'never') return void (await once(stream, 'close'));
  if (answer === 'drop' || answer === 'takeAndDrop') return stream.session?.destroy();
  if (answer === 'refuse') return stream.close(constants.NGHTTP2_REFUSED_STREAM);
  if ('status' in answer) return say(stream, answer);
  if ('slowly' in answer) return drip(stream, answer.slowly);
  if ('endless' in answer) return pour(stream, answer.endless, onPour);
  stream.respond({ ':status': answer.breakOff });
  stream.write('{"reason":"BadDev', () => stream.session?.destroy());
}

function say(stream: ServerHttp2Stream, { status, reason, timestamp, body, ...more }: Said): void {
  const headers = {
    ':status': status,
    ...(more.retryAfter !== undefined && { 'retry-after': more.retryAfter }),
    ...(more.location !== undefined && { location: more.location }),
  };
  const said = body ?? (reason === undefined ? undefined : JSON.stringify({ reason, timestamp }));
  stream.respond(headers, { endStream: said === undefined });
  if (said !== undefined) stream.end(said);
}
type Said = Extract<ApnsAnswer, { status: number }>;

async function drip(stream: ServerHttp2Stream, status: number): Promise<void> {
  stream.respond({ ':status': status });
  while (!stream.closed && !stream.destroyed) {
    stream.write(' ');
    await pause(slowMs);
  }
}

async function pour(stream: ServerHttp2Stream, status: number, onPour: (bytes: number) => void) {
  stream.respond({ ':status': status });
  while (!stream.closed && !stream.destroyed) {
    onPour(block.length);
    if (!stream.write(block)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
  }
}
