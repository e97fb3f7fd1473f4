import {
  bytes,
  type LoadSocket,
  openLoadSocket,
  operationIds,
  places,
  subscribeFrame,
} from './load-socket.ts';
import type { Load, Loading, Scenario } from './scenario.ts';

const subscribers = 100;
/** Messages on their way that not everybody has yet: each one that everybody has lets the next one go. */
const window = 16;

const subscription =
  'subscription Events { events { __typename eventId cursor at ... on MessageSent { channelId message ' +
  '{ id number revision text createdAt author { id displayName } } } } }';
const mutation =
  'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on UserError { code explanation } } }';
const text =
  'A message of a length that people write: about a hundred characters, with nothing special in it.';

/** One channel of a hundred people who all follow `events` on a socket each; an operation is one message at one of them. */
export const deliver: Scenario = {
  name: `deliver to ${subscribers} subscribers of one channel`,
  people: subscribers,
  groups: [Array.from({ length: subscribers }, (_, person) => person)],
  load: { sockets: subscribers + 1, window, subscribers },
  open: openDelivering,
};

async function openDelivering({ socketUrl: url, people, onProblem }: Loading): Promise<Load> {
  const progress = { delivered: 0, caughtUp: 0 };
  let pump = () => {};
  const onMessage = () => {
    progress.delivered += 1;
    pump();
  };
  const sockets = await Promise.all(
    people.map(({ token }) => openSubscriber({ url, token, onProblem, progress, onMessage })),
  );
  const sender = await openSender({ url, people, onProblem });
  const times: number[] = [];
  /** When the messages that not everybody has were sent, oldest first. */
  const onTheirWay: number[] = [];
  let everybodyHas = 0;
  pump = () => {
    while (progress.delivered >= (everybodyHas + 1) * subscribers) {
      everybodyHas += 1;
      times.push(performance.now() - (onTheirWay.shift() ?? 0));
    }
    while (onTheirWay.length < window && sender.trySend()) onTheirWay.push(performance.now());
  };
  sender.onFree(() => pump());
  return {
    start() {
      if (progress.caughtUp < subscribers) onProblem('Not every subscriber is there.');
      sender.open();
      pump();
    },
    operations: () => progress.delivered,
    takeTimes: () => times.splice(0),
    async close() {
      await Promise.all([sender.socket, ...sockets].map((socket) => socket.close()));
    },
  };
}

type Subscriber = {
  readonly url: string;
  readonly token: string;
  readonly onProblem: (words: string) => void;
  readonly progress: { caughtUp: number };
  readonly onMessage: () => void;
};

/** Resolves when its stream has caught up. */
async function openSubscriber({
  url,
  token,
  onProblem,
  progress,
  onMessage,
}: Subscriber): Promise<LoadSocket> {
  // `{"data":{"events":{"__typename":"M`: the first letter of the type says enough.
  const typeAt = places.payload + '{"data":{"events":{"__typename":"'.length;
  const [sent, caughtUp, checkpoint] = ['M', 'Ca', 'Ch'].map((start) => Buffer.from(start));
  const startsWith = (data: Buffer, start: Buffer | undefined) =>
    start !== undefined && data.subarray(typeAt, typeAt + start.length).equals(start);
  let onCaughtUp = () => {};
  const caught = new Promise<void>((resolve) => {
    onCaughtUp = resolve;
  });
  const socket = await openLoadSocket({
    url,
    token,
    onLost: onProblem,
    onFrame(data) {
      if (data[places.type] !== bytes.next) return onProblem(data.toString());
      if (data[typeAt] === sent?.[0]) return onMessage();
      if (startsWith(data, caughtUp)) {
        progress.caughtUp += 1;
        return onCaughtUp();
      }
      if (!startsWith(data, checkpoint)) onProblem(data.toString());
    },
  });
  socket.send(subscribeFrame('s', subscription, {}));
  await caught;
  return socket;
}

type Sending = Pick<Loading, 'people' | 'onProblem'> & { readonly url: string };

/** Sends into the one channel, at most a window of sends at once. */
async function openSender({ url, people, onProblem }: Sending) {
  const [first] = people;
  const free: string[] = [];
  let sent = 0;
  let isFree = () => {};
  const channelId = first?.channelIds[0] ?? '';
  const onFrame = (data: Buffer) => {
    if (data[places.type] === bytes.complete) {
      free.push(String.fromCharCode(data[places.id] ?? 0));
      isFree();
    } else if (!data.includes('SendMessagePayload', places.payload)) onProblem(data.toString());
  };
  const socket = await openLoadSocket({ url, token: first?.token ?? '', onFrame, onLost: onProblem });
  return {
    socket,
    onFree(listener: () => void) {
      isFree = listener;
    },
    open: () => free.push(...operationIds.slice(0, window)),
    trySend(): boolean {
      const id = free.pop();
      if (id === undefined) return false;
      sent += 1;
      socket.send(subscribeFrame(id, mutation, { input: { channelId, text, nonce: `${sent}` } }));
      return true;
    },
  };
}
