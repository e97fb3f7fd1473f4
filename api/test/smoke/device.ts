import type { Client } from 'graphql-ws';
import { askOverSocket, type Closed, closeClient, openStockClient } from '../client/stock-client.ts';
import { answerIn, type Result, untilAnswered } from './asking.ts';
import { type Following, followEvents } from './follow.ts';
import { createHabits, type Mutate, mutations } from './habits.ts';
import type { Acknowledgement, Look, Mark, Sent, Step } from './history.ts';
import { type LookAnswer, lookDocument, lookIn } from './look.ts';
import { emptyOutbox } from './outbox.ts';
import type { PlannedDevice } from './plan.ts';
import type { Random } from './random.ts';

type SendAnswer = {
  readonly result:
    | {
        readonly __typename: 'SendMessagePayload';
        readonly message: { readonly id: string; readonly number: number };
      }
    | { readonly __typename: 'Denied' | 'InvalidInput'; readonly code: string };
};

const sendDocument = `mutation Send($input: SendMessageInput!) {
  result: sendMessage(input: $input) {
    __typename
    ... on SendMessagePayload { deduplicated message { id number author { id } } }
    ... on UserError { code explanation }
  }
}`;

/** A device with one socket: it follows `events`, sends what is in its outbox, and says what it has read and holds. */
export type Device = {
  readonly name: string;
  readonly userId: string;
  readonly steps: readonly Step[];
  readonly following: Following;
  /** The largest number that has come to it in this channel. */
  readonly newestIn: (channelId: string) => number;
  /** Resolves when every one of these is acknowledged. Rejects when the server refuses one. */
  send(messages: readonly Sent[], onAcknowledged: () => void): Promise<void>;
  /** Asks until there is an answer. */
  readonly mutate: Mutate;
  /** Resolves when everything that it said besides is answered. */
  settled(): Promise<unknown>;
  /** Says nothing more of what comes to it, and resolves when what it said is answered. */
  rest(): Promise<unknown>;
  /** What its person is shown now. */
  look(): Promise<Look>;
  /** Loses its socket from its own side, as a phone that changes networks. */
  drop(): void;
  close(): Promise<void>;
};

export type DeviceOptions = {
  readonly name: string;
  readonly userId: string;
  readonly planned: PlannedDevice;
  readonly socketUrl: string;
  readonly token: string;
  readonly from: string;
  readonly signal: AbortSignal;
  readonly random: Random;
  readonly onMessage: () => void;
  readonly onMark: (mark: Mark) => void;
  readonly onProblem: (problem: string) => void;
  /** Told what becomes of its socket, for who counts that. */
  readonly onSocket?: (what: 'opened' | Closed) => void;
};

/** More than there can be: the run has an end of its own. */
const manyAttempts = 10_000;
/** Between two messages of one device: below the rate that a server allows a socket. */
const mostThinkMs = 200;
/** Until the next attempt. */
const backOffMs = { least: 20, most: 200 } as const;

export function openDevice(options: DeviceOptions): Device {
  const { name, userId, planned, signal, random, onMark } = options;
  const steps: Step[] = [];
  const newest = new Map<string, number>();
  const waitMs = () => backOffMs.least + random.below(backOffMs.most - backOffMs.least);
  const backOff = () => wait(waitMs(), signal);
  const socket = openClient(options, waitMs);
  const { client } = socket;
  const asking = { client, signal, backOff };
  const mutate: Mutate = async (mutation, input) => {
    const operation = () => ({ query: mutations[mutation], variables: { input: input() } });
    return (await untilAnswered<{ readonly result: Result }>(asking, operation)).result;
  };
  const onStep = (step: Step) => steps.push(step);
  const habits = createHabits({ userId, random, mutate, cursors: () => following.cursors(), onStep, onMark });
  const following = followEvents({
    client,
    device: planned,
    from: options.from,
    backOff,
    onProblem: (problem) => options.onProblem(`${name}: ${problem}`),
    onStep(step) {
      steps.push(step);
      habits.take(step);
      if (step.type !== 'message') return;
      newest.set(step.channelId, Math.max(step.number, newest.get(step.channelId) ?? 0));
      options.onMessage();
    },
  });

  return {
    name,
    userId,
    steps,
    following,
    mutate,
    settled: habits.settled,
    rest() {
      habits.rest();
      return habits.settled();
    },
    newestIn: (channelId) => newest.get(channelId) ?? 0,
    send: (messages, onAcknowledged) =>
      emptyOutbox(messages, {
        attempt: (message, givenUp) => attempt(socket, message, givenUp),
        backOff,
        signal,
        onAcknowledged(message) {
          habits.wasSent(message);
          onAcknowledged();
        },
        think: () => wait(random.below(mostThinkMs), signal),
      }),
    async look() {
      const operation = () => ({ query: lookDocument, variables: {} });
      return lookIn(await untilAnswered<LookAnswer>(asking, operation));
    },
    drop: socket.drop,
    async close() {
      following.close();
      await closeClient(client);
    },
  };
}

/** A client that knows what becomes of its sockets. */
type Socket = {
  readonly client: Client;
  /** Grows whenever one opens or closes: a send that saw the same before and after met no cut. */
  readonly changes: () => number;
  readonly isConnected: () => boolean;
  /** Of what is open now, or will be next. */
  readonly lost: () => AbortSignal;
  drop(): void;
};

function openClient(
  { socketUrl, token, planned, onSocket }: DeviceOptions,
  retryWaitMs: () => number,
): Socket {
  let changes = 0;
  let isConnected = false;
  let losing = new AbortController();
  const note = (what: 'opened' | Closed) => {
    changes += 1;
    isConnected = what === 'opened';
    onSocket?.(what);
    if (isConnected) return;
    losing.abort();
    losing = new AbortController();
  };
  const client = openStockClient({
    socketUrl,
    token: () => token,
    retryAttempts: planned.comesBack === 'by itself' ? manyAttempts : 0,
    retryWaitMs,
    onConnected: () => note('opened'),
    onClosed: note,
  });
  return {
    client,
    changes: () => changes,
    isConnected: () => isConnected,
    lost: () => losing.signal,
    // The client cannot end a socket that is still connecting: `ws` would throw that at nobody.
    drop: () => (isConnected ? client.terminate() : undefined),
  };
}

async function attempt(
  { client, changes, isConnected, lost }: Socket,
  message: Sent,
  givenUp: AbortSignal,
): Promise<Acknowledgement | undefined> {
  const { channelId, nonce, text } = message;
  const before = changes();
  if (!isConnected() || message.at !== undefined) message.metCut = true;
  message.at ??= performance.now();
  const payload = { query: sendDocument, variables: { input: { channelId, nonce, text } } };
  const end = AbortSignal.any([givenUp, lost()]);
  const asked = askOverSocket<SendAnswer>(until(end, client), payload).catch(() => undefined);
  const answer = await Promise.race([asked, ended(end)]);
  if (changes() !== before) message.metCut = true;
  const found = answer && answerIn(answer.data, answer.errors);
  if (found === undefined) return undefined;
  if (found.result.__typename !== 'SendMessagePayload')
    throw new Error(`A send was refused: ${JSON.stringify(found.result)}`);
  const { id: messageId, number } = found.result.message;
  return { number, messageId, at: performance.now() };
}

const ended = (signal: AbortSignal) =>
  new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined));
  });

/**
 * The same client, of which an operation ends without an answer at the signal. By itself it would repeat operations on its next socket,
 * and not in their order: what it was given while a socket was just closing goes before what was on its way over that.
 */
const until = (signal: AbortSignal, client: Client): Client => ({
  ...client,
  subscribe(payload, sink) {
    const dispose = client.subscribe(payload, sink);
    signal.addEventListener('abort', dispose);
    return dispose;
  },
});

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
