import { askOverSocket, closeClient, openStockClient } from '../client/stock-client.ts';
import { type Following, followEvents } from './follow.ts';
import type { Acknowledgement, Sent, Step } from './history.ts';
import { emptyOutbox } from './outbox.ts';
import type { PlannedDevice } from './plan.ts';

type SendAnswer = {
  readonly result:
    | { readonly __typename: 'SendMessagePayload'; readonly message: { readonly number: number } }
    | { readonly __typename: 'Denied' | 'InvalidInput'; readonly code: string };
};

const sendDocument = `mutation Send($input: SendMessageInput!) {
  result: sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload { deduplicated message { id number } }
    ... on UserError { code explanation }
  }
}`;

/** A device with one socket: it follows `events` and sends what is in its outbox. */
export type Device = {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly following: Following;
  /** The largest number that has come to it in this channel. */
  readonly newestIn: (channelId: string) => number;
  /** Resolves when every one of these is acknowledged. Rejects when the server refuses one. */
  send(messages: readonly Sent[], onAcknowledged: () => void): Promise<void>;
  /** Loses its socket from its own side, as a phone that changes networks. */
  drop(): void;
  close(): Promise<void>;
};

export type DeviceOptions = {
  readonly name: string;
  readonly planned: PlannedDevice;
  readonly socketUrl: string;
  readonly token: string;
  readonly from: string;
  readonly signal: AbortSignal;
  /** Milliseconds until the next message, and until the next attempt. */
  readonly thinkMs: () => number;
  readonly backOffMs: () => number;
  readonly onMessage: () => void;
  readonly onProblem: (problem: string) => void;
};

/** More than there can be: the run has an end of its own. */
const manyAttempts = 10_000;

export function openDevice(options: DeviceOptions): Device {
  const { name, planned, signal, thinkMs, backOffMs } = options;
  const steps: Step[] = [];
  const newest = new Map<string, number>();
  /** Grows whenever a socket opens or closes: a send that saw the same before and after met no cut. */
  let sockets = 0;
  let isConnected = false;
  const note = (connected: boolean) => () => {
    sockets += 1;
    isConnected = connected;
  };
  const client = openStockClient({
    socketUrl: options.socketUrl,
    token: () => options.token,
    retryAttempts: planned.comesBack === 'by itself' ? manyAttempts : 0,
    retryWaitMs: backOffMs,
    onConnected: note(true),
    onClosed: note(false),
  });
  const backOff = () => wait(backOffMs(), signal);
  const following = followEvents({
    client,
    device: planned,
    from: options.from,
    backOff,
    onProblem: (problem) => options.onProblem(`${name}: ${problem}`),
    onStep: (step) => {
      steps.push(step);
      if (step.type !== 'message') return;
      newest.set(step.channelId, Math.max(step.number, newest.get(step.channelId) ?? 0));
      options.onMessage();
    },
  });

  async function attempt(message: Sent): Promise<Acknowledgement | undefined> {
    const { channelId, nonce, text } = message;
    const socketsBefore = sockets;
    if (!isConnected || message.at !== undefined) message.metCut = true;
    message.at ??= performance.now();
    const payload = { query: sendDocument, variables: { input: { channelId, nonce, text } } };
    const answer = await askOverSocket<SendAnswer>(client, payload).catch(() => undefined);
    if (sockets !== socketsBefore) message.metCut = true;
    return answer && acknowledgementIn(answer.data, answer.errors);
  }

  return {
    name,
    steps,
    following,
    newestIn: (channelId) => newest.get(channelId) ?? 0,
    send: (messages, onAcknowledged) =>
      emptyOutbox(messages, {
        attempt,
        backOff,
        signal,
        onAcknowledged,
        think: () => wait(thinkMs(), signal),
      }),
    // The client cannot end a socket that is still connecting: `ws` would throw that at nobody.
    drop: () => (isConnected ? client.terminate() : undefined),
    async close() {
      following.close();
      await closeClient(client);
    },
  };
}

/** What the server answers when the same may be tried again. */
const passing = new Set(['RATE_LIMITED', 'UNAVAILABLE']);

function acknowledgementIn(
  data: SendAnswer | null | undefined,
  errors: readonly { readonly extensions?: { readonly code?: string } }[] | undefined,
): Acknowledgement | undefined {
  if (errors?.every(({ extensions }) => passing.has(extensions?.code ?? ''))) return undefined;
  const result = data?.result;
  if (result?.__typename === 'SendMessagePayload')
    return { number: result.message.number, at: performance.now() };
  if (result !== undefined && passing.has(result.code)) return undefined;
  throw new Error(`A send was refused: ${JSON.stringify(errors ?? result)}`);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', finish);
  });
}
