import { bytes, openLoadSocket, operationIds, places, subscribeFrame } from './load-socket.ts';
import type { Load, Loading, Scenario } from './scenario.ts';
import { openSubscriber } from './subscriber.ts';

const subscribers = 100;
/** Messages on their way that not everybody has yet: each one that everybody has lets the next one go. */
const window = 16;

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
  let delivered = 0;
  let pump = () => {};
  const onMessage = () => {
    delivered += 1;
    pump();
  };
  const sockets = await Promise.all(
    people.map(({ token }) => openSubscriber({ url, token, onProblem, onMessage })),
  );
  const sender = await openSender({ url, people, onProblem });
  const times: number[] = [];
  /** When the messages that not everybody has were sent, oldest first. */
  const onTheirWay: number[] = [];
  let everybodyHas = 0;
  pump = () => {
    while (delivered >= (everybodyHas + 1) * subscribers) {
      everybodyHas += 1;
      times.push(performance.now() - (onTheirWay.shift() ?? 0));
    }
    while (onTheirWay.length < window && sender.trySend()) onTheirWay.push(performance.now());
  };
  sender.onFree(() => pump());
  return {
    start() {
      sender.open();
      pump();
    },
    operations: () => delivered,
    takeTimes: () => times.splice(0),
    async close() {
      await Promise.all([sender.socket, ...sockets].map((socket) => socket.close()));
    },
  };
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
