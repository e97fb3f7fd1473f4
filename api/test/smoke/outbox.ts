import type { Acknowledgement, Sent } from './history.ts';

/** Sends a message once, and not again by itself after `givenUp`. Undefined: not acknowledged this time. Rejects when it never can be. */
export type Attempt = (message: Sent, givenUp: AbortSignal) => Promise<Acknowledgement | undefined>;

type Options = {
  readonly attempt: Attempt;
  /** Waits before the next message of this device, as people do. */
  readonly think: () => Promise<void>;
  /** Waits before sending again what was not acknowledged. */
  readonly backOff: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onAcknowledged: (message: Sent) => void;
};

/** Messages on their way at once: the order of one device must hold although it does not wait for each answer. */
const atOnce = 4;

/**
 * Sends the messages of one device in order, several at a time, until every one is acknowledged: a message leaves its outbox
 * only then. A failure, a lost socket for example, ends all that are on their way, so that none goes ahead of the one that failed; then
 * it begins again with the first one that is left.
 */
export async function emptyOutbox(messages: readonly Sent[], options: Options): Promise<void> {
  let rest = messages;
  while (rest.length > 0 && !options.signal.aborted) {
    await sendInOrder(rest, options);
    rest = rest.filter(({ acknowledged }) => acknowledged === undefined);
    if (rest.length > 0) await options.backOff();
  }
}

async function sendInOrder(messages: readonly Sent[], options: Options): Promise<void> {
  const { attempt, think, signal, onAcknowledged } = options;
  const onTheirWay = new Set<Promise<void>>();
  const givingUp = new Set<AbortController>();
  const problems: unknown[] = [];
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    for (const one of givingUp) one.abort();
  };

  async function send(message: Sent): Promise<void> {
    const givenUp = new AbortController();
    givingUp.add(givenUp);
    try {
      const acknowledged = await attempt(message, givenUp.signal);
      if (acknowledged === undefined) stop();
      else {
        message.acknowledged = acknowledged;
        onAcknowledged(message);
      }
    } catch (problem) {
      stop();
      problems.push(problem);
    } finally {
      givingUp.delete(givenUp);
    }
  }

  for (const message of messages) {
    await think();
    if (onTheirWay.size >= atOnce) await Promise.race(onTheirWay);
    if (isStopped || signal.aborted) break;
    const sending = send(message);
    onTheirWay.add(sending);
    void sending.then(() => onTheirWay.delete(sending));
  }
  await Promise.all(onTheirWay);
  if (problems.length > 0) throw problems[0];
}
