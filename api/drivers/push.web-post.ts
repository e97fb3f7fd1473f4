import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';

/** More than a service has to say; what is longer is not read to its end. */
const maxAnswerBytes = 64 * 1024;

export type Post = {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Ends it, whatever it waits for. */
  readonly signal: AbortSignal;
  /** Called when a connection is there, or being made, and nobody before it uses it any more. */
  readonly onConnection: () => void;
};
/** `body`: what had come of it when it ended, became too long or was broken off. */
export type Posted = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/**
 * Sends a request over the connections of the agent; follows nothing and asks no proxy. Resolves once there is a status, however
 * the rest of the answer goes; rejects with what Node says where there is none.
 */
export async function post(asked: Post): Promise<Posted> {
  const first = await tryPost(asked);
  if (!('error' in first)) return first;
  // A service closes a connection that was idle at the moment when we use it again: nothing is wrong with either.
  const second = first.isStale && !asked.signal.aborted ? await tryPost(asked) : first;
  if ('error' in second) throw second.error;
  return second;
}

type Failed = { readonly error: Error; readonly isStale: boolean };

const tryPost = ({ url, agent, headers, body, signal, onConnection }: Post) =>
  new Promise<Posted | Failed>((resolve) => {
    const request = httpsRequest(url, { method: 'POST', agent, headers, signal });
    request.once('socket', onConnection);
    let answered = false;
    request.once('response', (response) => {
      answered = true;
      const { statusCode: status = 0, headers: answer } = response;
      void read(response).then((text) => resolve({ status, headers: answer, body: text }));
    });
    const fail = (error: Error) => {
      if (answered) return; // reading ends by itself
      const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      resolve({ error, isStale });
    };
    // Also those that come when all is said: one without a listener ends the process.
    request.on('error', fail);
    request.once('close', () => fail(new Error('It was closed without an answer.')));
    request.end(body);
  });

/** Never rejects. */
const read = (response: IncomingMessage) =>
  new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = () => resolve(Buffer.concat(chunks).toString('utf8'));
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxAnswerBytes) return response.destroy();
      return chunks.push(chunk);
    });
    response.once('end', finish);
    response.once('close', finish);
    response.once('error', finish);
  });
