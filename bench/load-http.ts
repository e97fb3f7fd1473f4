import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One connection over HTTP that stays open, with one request at a time: as lean as a client can be, the answer is not parsed. */
export type LoadConnection = {
  /** Sends a finished request; resolves with the milliseconds that the whole answer took. Rejects for anything but data. */
  ask(request: Buffer): Promise<number>;
  close(): Promise<void>;
};

/** A server that is busy with all of them takes its time; one that takes this long does not answer any more. */
const answerMs = 20_000;

/** A request as it goes over the wire, ready to be sent as often as one likes. */
export function requestOf(
  httpUrl: string,
  {
    token,
    query,
    variables = {},
  }: { readonly token: string; readonly query: string; readonly variables?: object },
): Buffer {
  const { host, pathname } = new URL(httpUrl);
  const body = Buffer.from(JSON.stringify({ query, variables }));
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'accept: application/graphql-response+json, application/json',
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

export async function openLoadConnection(httpUrl: string): Promise<LoadConnection> {
  const { hostname, port } = new URL(httpUrl);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  await once(socket, 'connect', { signal: AbortSignal.timeout(answerMs) });
  const answers = answersOf(socket);
  return {
    async ask(request) {
      const sentAt = performance.now();
      socket.write(request);
      const answer = await answers.next();
      const isData =
        answer.startsWith('HTTP/1.1 200') && answer.includes('{"data":') && !answer.includes('"errors":');
      if (!isData) throw new Error(`An answer without data: ${answer.slice(0, 500)}`);
      return performance.now() - sentAt;
    },
    async close() {
      if (socket.destroyed) return;
      socket.destroy();
      await once(socket, 'close');
    },
  };
}

/** One whole answer after another, as text: its head tells how long its body is. */
function answersOf(socket: Socket): { next(): Promise<string> } {
  let chunks: Buffer[] = [];
  let missing = Number.POSITIVE_INFINITY;
  let [wake, fail] = [(_: string) => {}, (_: Error) => {}];
  const lose = (why: string) => fail(new Error(`The connection was lost: ${why}`));
  socket.setTimeout(answerMs, () => lose('no answer'));
  socket.on('error', ({ message }) => lose(message));
  socket.on('close', () => lose('closed'));
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (missing === Number.POSITIVE_INFINITY) missing = missingOf(Buffer.concat(chunks));
    else missing -= chunk.length;
    if (missing > 0) return;
    const whole = Buffer.concat(chunks).toString('latin1');
    [chunks, missing] = [[], Number.POSITIVE_INFINITY];
    wake(whole);
  });
  return {
    next: () =>
      new Promise<string>((resolve, reject) => {
        [wake, fail] = [resolve, reject];
      }),
  };
}

/** How many bytes are still to come; without end while that cannot be told. */
function missingOf(answer: Buffer): number {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return Number.POSITIVE_INFINITY;
  const head = answer.toString('latin1', 0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
  if (length === undefined) throw new Error('An answer that does not say how long it is.');
  return end + 4 + Number(length) - answer.length;
}
