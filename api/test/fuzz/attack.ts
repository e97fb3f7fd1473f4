import { once } from 'node:events';
import { connect } from 'node:net';
import type { Random } from '../smoke/random.ts';
import type { Corpus } from './corpus.ts';
import { mutateBytes } from './mutate.ts';
import type { Shot } from './shots.ts';
import { beginningOf, openTarget, type Target, textShot } from './target.ts';
import { within } from './within.ts';

export type Attack = {
  readonly port: number;
  readonly random: Random;
  readonly corpus: Corpus;
  readonly shoot: () => Shot;
  /** A token of somebody who is signed in now; undefined for nobody. */
  readonly token: (again?: 'again') => Promise<string | undefined>;
  /** Takes one frame of those that are left; false when there is none. */
  readonly take: () => boolean;
  /** Something that must not be: no answer, or one that says that the server failed. */
  readonly onFailure: (words: string) => void;
};

/** Far more than a server takes that works. */
const patienceMs = 30_000;
const internal = 'INTERNAL_SERVER_ERROR';

/** Sends anything over a socket, and opens another one whenever it was closed. Each frame is waited for: it was read, or the socket is gone. */
export async function attackSocket(attack: Attack): Promise<void> {
  let target: Target | undefined;
  try {
    while (attack.take()) {
      target ??= await openAcknowledged(attack);
      const shot = attack.shoot();
      if (!(await read(target.fire(shot), shot))) target = undefined;
    }
  } catch (problem) {
    attack.onFailure(String(problem));
  } finally {
    target?.close();
  }
}

const read = <T>(answer: Promise<T>, { bytes }: Pick<Shot, 'bytes'>) =>
  within(
    patienceMs,
    answer,
    `There was no answer to ${JSON.stringify(bytes.toString('latin1').slice(0, 500))}`,
  );

/** Tries again with a new token when the one there was is no good any more. */
async function openAcknowledged({ port, random, token, onFailure }: Attack): Promise<Target> {
  for (const again of [undefined, 'again'] as const) {
    const target = await openTarget(port, (text) => {
      if (text.includes(internal)) onFailure(text.toString().slice(0, 500));
    });
    // Now and then somebody forgets to say who they are.
    if (random.next() < 0.02) return target;
    const access = await token(again);
    const payload = access === undefined ? {} : { authorization: `Bearer ${access}` };
    const shot = textShot(JSON.stringify({ type: 'connection_init', payload }));
    if (await read(target.fire(shot), shot)) return target;
  }
  throw new Error('Somebody could not come in again.');
}

const types = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  '*/*',
  'text/html',
];

/** Sends requests of HTTP, right ones and any bytes; one for each connection. */
export async function attackHttp(attack: Attack): Promise<void> {
  try {
    while (attack.take()) {
      const bytes = await requestOf(attack);
      const said = await read(answerTo(attack.port, bytes), { bytes });
      if (said.includes(internal)) attack.onFailure(said.slice(0, 500));
    }
  } catch (problem) {
    attack.onFailure(String(problem));
  }
}

async function requestOf({ port, random, corpus, token }: Attack): Promise<Buffer> {
  const { payload = {} } = corpus.frame();
  const body = JSON.stringify(payload);
  const access = await token();
  const head = [
    `${random.pick(['POST', 'POST', 'POST', 'GET', 'OPTIONS', 'PUT', 'HEAD'])} ${random.pick(['/graphql', '/graphql', `/graphql?query={server{version}}&documentId=x`, '/', '/livez'])} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: close',
    'Content-Type: application/json',
    `Accept: ${random.pick(types)}`,
    ...(access === undefined ? [] : [`Authorization: Bearer ${access}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const request = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  const kind = random.next();
  if (kind < 0.4) return request;
  return kind < 0.9 ? mutateBytes(request, random) : mutateBytes(mutateBytes(request, random), random);
}

/** The beginning of what is said, or nothing when the connection ends without a word. */
async function answerTo(port: number, bytes: Buffer): Promise<string> {
  const connection = connect(port, '127.0.0.1');
  try {
    await once(connection, 'connect');
    const said = beginningOf(connection);
    connection.end(bytes);
    return String(await said);
  } finally {
    connection.resetAndDestroy();
  }
}
