import { bytes, type LoadSocket, openLoadSocket, places, subscribeFrame } from './load-socket.ts';

type Settings = {
  readonly url: string;
  readonly token: string;
  readonly onProblem: (words: string) => void;
  /** A message has come. */
  readonly onMessage: () => void;
};

const subscription =
  'subscription Events { events { __typename eventId cursor at ... on MessageSent { channelId message ' +
  '{ id number revision text createdAt author { id displayName } } } } }';

// `{"data":{"events":{"__typename":"M`: the first letter of the type says enough.
const typeAt = places.payload + '{"data":{"events":{"__typename":"'.length;
const [sent, caughtUp, checkpoint] = ['M', 'Ca', 'Ch'].map((start) => Buffer.from(start));
const startsWith = (data: Buffer, start: Buffer | undefined) =>
  start !== undefined && data.subarray(typeAt, typeAt + start.length).equals(start);

/** A device that follows `events` on a socket of its own. Resolves when its stream has caught up. */
export async function openSubscriber({ url, token, onProblem, onMessage }: Settings): Promise<LoadSocket> {
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
      if (startsWith(data, caughtUp)) return onCaughtUp();
      if (!startsWith(data, checkpoint)) onProblem(data.toString());
    },
  });
  socket.send(subscribeFrame('s', subscription, {}));
  await caught;
  return socket;
}
