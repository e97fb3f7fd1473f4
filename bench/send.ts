import {
  bytes,
  type LoadSocket,
  openLoadSocket,
  operationIds,
  places,
  subscribeFrame,
} from './load-socket.ts';
import type { Load, Loading, Scenario } from './scenario.ts';

const people = 100;
const socketsInAll = people;
/** Sends of one socket that wait for their answer: each answer lets the next one go. */
const window = 4;

const document =
  'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename ' +
  '... on SendMessagePayload { deduplicated message { id number createdAt } } ... on UserError { code explanation } } }';
const text =
  'A message of a length that people write: about a hundred characters, with nothing special in it.';

/** Sends by a hundred people on a socket each, spread over so many channels; an operation is an acknowledged send. */
export const sendOver = (channels: number): Scenario => ({
  name: `send over ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
  people,
  groups: Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: people }, (_, person) => person).filter((person) => person % channels === channel),
  ),
  load: { sockets: socketsInAll, window, subscribers: 0 },
  open: openSending,
});

async function openSending({ socketUrl: url, people: senders, onProblem }: Loading): Promise<Load> {
  const counts = { operations: 0 };
  const times: number[] = [];
  const opened = await Promise.all(
    senders.map(({ token, channelIds: [channelId = ''] }, index) =>
      openSender({ url, token, onProblem, counts, times, frame: frameOf(channelId, index) }),
    ),
  );
  return {
    start() {
      for (const sender of opened) sender.start();
    },
    operations: () => counts.operations,
    takeTimes: () => times.splice(0),
    async close() {
      await Promise.all(opened.map(({ socket }) => socket.close()));
    },
  };
}

/** A frame with a place for the id of the operation, and one for a nonce that no other send has. */
function frameOf(channelId: string, index: number): (id: string, nonce: number) => string {
  const whole = subscribeFrame('@', document, { input: { channelId, text, nonce: `${index}-#` } });
  const [start = '', rest = ''] = whole.split('@');
  const [middle = '', end = ''] = rest.split('#');
  return (id, nonce) => start + id + middle + nonce + end;
}

type Sender = {
  readonly url: string;
  readonly token: string;
  readonly onProblem: (words: string) => void;
  readonly counts: { operations: number };
  /** Milliseconds from a send to its acknowledgement. */
  readonly times: number[];
  readonly frame: (id: string, nonce: number) => string;
};

async function openSender({ url, token, onProblem, counts, times, frame }: Sender) {
  const sentAt = new Map<number, number>();
  let sent = 0;
  const sendAs = (id: number) => {
    sent += 1;
    sentAt.set(id, performance.now());
    socket.send(frame(String.fromCharCode(id), sent));
  };
  const onFrame = (data: Buffer) => {
    const id = data[places.id] ?? 0;
    if (data[places.type] === bytes.complete) return sendAs(id);
    if (data[places.type] !== bytes.next || !data.includes('SendMessagePayload', places.payload))
      return onProblem(data.toString());
    counts.operations += 1;
    times.push(performance.now() - (sentAt.get(id) ?? 0));
  };
  const socket: LoadSocket = await openLoadSocket({ url, token, onFrame, onLost: onProblem });
  const start = () => {
    for (const id of operationIds.slice(0, window)) sendAs(id.charCodeAt(0));
  };
  return { socket, start };
}
