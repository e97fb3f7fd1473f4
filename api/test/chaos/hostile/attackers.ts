import { type Line, openLine } from './line.ts';
import { rest } from './slow-readers.ts';

/** Begins it; what it returns is called when there is room for more. */
type Attack = (line: Line) => (() => void) | undefined;

/** As many as one turn of the event loop sends; then others have theirs. */
const atOnce = 500;
const againMs = 100;
const subscriptions = 10_000;
const query = 'subscription { events { __typename } }';
const frameOf = (id: string) => JSON.stringify({ id, type: 'subscribe', payload: { query } });

/** Goes on as long as there is room, a part in each turn. */
function pour(sendOne: () => boolean, isOver: () => boolean): () => void {
  return function go(): void {
    for (let count = 0; count < atOnce && !isOver(); count += 1) if (!sendOne()) return;
    if (!isOver()) setImmediate(go);
  };
}

const attacks = {
  /** Pings, as fast as they are taken. */
  pings: (line) => {
    const go = pour(line.ping, () => !line.isOpen());
    go();
    return go;
  },
  /** Ten thousand subscriptions on one socket. */
  subscriptions: (line) => {
    let sent = 0;
    const sendOne = () => {
      sent += 1;
      return line.send(frameOf(`s${sent}`));
    };
    const go = pour(sendOne, () => sent >= subscriptions || !line.isOpen());
    go();
    return go;
  },
  /** The same id again and again, for what lives and for what has just ended. */
  ids: (line) => {
    for (const frame of [
      frameOf('x'),
      frameOf('y'),
      '{"id":"y","type":"complete"}',
      frameOf('y'),
      frameOf('x'),
    ])
      line.send(frame);
    return undefined;
  },
} as const satisfies Record<string, Attack>;

export type AttackName = keyof typeof attacks;

type Settings = { readonly url: string; readonly token: string; readonly signal: AbortSignal };

/** Attacks on one socket after the other until that is over. Resolves with how often it was sent away. */
export async function keepAttacking(name: AttackName, settings: Settings): Promise<number> {
  const { url, token, signal } = settings;
  let times = 0;
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      let onRoom: ReturnType<Attack>;
      const stop = () => line.close();
      const line = openLine({
        url,
        token,
        onFrame(frame) {
          if (frame.startsWith('{"type":"connection_ack"')) onRoom = attacks[name](line);
        },
        onRoom: () => onRoom?.(),
        onGone() {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      });
      signal.addEventListener('abort', stop);
    });
    times += 1;
    await rest(againMs, signal);
  }
  return times;
}
