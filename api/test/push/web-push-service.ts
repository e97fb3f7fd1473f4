import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { behave, type WebAnswer } from './web-behaviour.ts';
import { makeWebCertificate } from './web-certificate.ts';
import { decryptPush, makeWebKeys, type WebKeys } from './web-decrypt.ts';
import { createWebDevice, noteIn, type WebDevice, type WebNote } from './web-device.ts';
import { bodyOf, checkHeaders, isRefusal, type PushHeaders } from './web-request.ts';
import { createVapidCheck, type VapidSender } from './web-vapid.ts';

export type { WebAnswer, WebDevice, WebNote };

/** What a browser hands to its page: the input of `registerPushEndpoint`. */
export type WebSubscription = { readonly url: string; readonly p256dh: string; readonly auth: string };

/** A push that was as the standards want it. */
export type WebReceived = PushHeaders & {
  readonly url: string;
  readonly at: number;
  /** Of the encrypted body. */
  readonly bytes: number;
  readonly note: WebNote;
  /** By the token of the request. */
  readonly sender: VapidSender;
  /** How it was answered, and whether the device has got it, or will when it is back. */
  readonly status: WebAnswer['status'];
  readonly isTaken: boolean;
};

export type WebPushServiceOptions = {
  /** By which tokens and times to live are judged; absent: the machine's clock. */
  readonly now?: () => number;
  /** What the certificate is for beside `localhost` and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Told of every byte that comes, once TLS is taken off: all that the service itself can ever see. */
  readonly onBytes?: (bytes: Buffer) => void;
};

type Subscribed = {
  readonly keys: WebKeys;
  readonly device: WebDevice;
  readonly boundTo: string | undefined;
};

/** So many pushes are remembered, the newest ones. */
const maxReceived = 500_000;
const created: WebAnswer = { status: 201 };
const isSuccess = (status: WebAnswer['status']) =>
  typeof status === 'number' && status >= 200 && status < 300;

/** Resolves with the port. Counts connections from then on. */
const listen = (server: Server, traffic: { connections: number; open: number }) =>
  new Promise<number>((resolve) => {
    server.on('connection', (socket) => {
      traffic.connections += 1;
      traffic.open += 1;
      socket.once('close', () => {
        traffic.open -= 1;
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

/**
 * A push service for browsers with the browsers behind it, at `https://localhost:<port>`. It refuses what the standards forbid, and
 * remembers that in `problems`, opens every push with the keys of its device, and shows what would stand on the screen.
 */
export async function openWebPushService({
  now = Date.now,
  names = [],
  onBytes,
}: WebPushServiceOptions = {}) {
  const certificate = makeWebCertificate(['localhost', ...names]);
  const subscribed = new Map<string, Subscribed>();
  const [received, problems]: [WebReceived[], string[]] = [[], []];
  const traffic = { requests: 0, connections: 0, open: 0, sentBytes: 0 };
  const check = createVapidCheck();
  let answer: (push: Omit<WebReceived, 'status' | 'isTaken'>) => WebAnswer = () => created;
  let origin = '';

  /** What a push says and asks for, or with which status it is refused. */
  function judge({ headers, url = '' }: IncomingMessage, body: Buffer | undefined) {
    const known = subscribed.get(`${origin}${url}`);
    if (known === undefined) return { status: url.startsWith('/push/') ? 410 : 404, problem: undefined };
    if (body === undefined) return { status: 413, problem: 'It is longer than 4,096 bytes.' };
    const { keys, device, boundTo } = known;
    const at = now();
    const checked = checkHeaders(headers, { origin: `https://${headers.host}`, now: at, check, boundTo });
    if (isRefusal(checked)) return checked;
    try {
      const note = noteIn(decryptPush(body, keys));
      return { device, push: { ...checked, url: `${origin}${url}`, at, bytes: body.length, note } };
    } catch (error) {
      // A service cannot see that: the device drops it.
      return { status: 201, problem: String(error) };
    }
  }

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const judged = judge(request, await bodyOf(request));
    traffic.requests += 1;
    if (isRefusal(judged)) {
      if (judged.problem !== undefined) problems.push(judged.problem);
      return void response.writeHead(judged.status).end();
    }
    const { device, push } = judged;
    const how = answer(push);
    const { status, isTaken = isSuccess(status) } = how;
    if (received.push({ ...push, status, isTaken }) > maxReceived) received.shift();
    if (isTaken) device.take(push.note, push);
    behave(response, how, (bytes) => {
      traffic.sentBytes += bytes;
    });
  }

  const server = createServer({ ...certificate, keepAliveTimeout: 60_000 }, (request, response) => {
    receive(request, response).catch((error: unknown) => {
      if (!request.destroyed) problems.push(String(error));
    });
  });
  if (onBytes) server.on('secureConnection', (socket) => socket.on('data', onBytes));
  const port = await listen(server, traffic);
  origin = `https://localhost:${port}`;

  const subscriptionOf = (url: string) => {
    const found = subscribed.get(url);
    if (found === undefined) throw new Error('There is no such subscription.');
    return found;
  };
  return {
    origin,
    port,
    /** PEM, what a sender has to believe: `ca`, or in a file that NODE_EXTRA_CA_CERTS names. */
    certificate: certificate.cert,
    /** A browser of its own each time. `boundTo`: the VAPID key that its page subscribes with; absent: any. */
    subscribe(boundTo?: string): WebSubscription {
      const keys = makeWebKeys();
      const url = `${origin}/push/${randomBytes(24).toString('base64url')}`;
      subscribed.set(url, { keys, device: createWebDevice(now), boundTo });
      const p256dh = keys.pair.getPublicKey().toString('base64url');
      return { url, p256dh, auth: keys.auth.toString('base64url') };
    },
    /** The browser has forgotten it: 410 from now on. */
    unsubscribe: (url: string) => void subscribed.delete(url),
    /** The browser behind a subscription: what it shows, and to send it away and back. */
    deviceOf: (url: string): WebDevice => subscriptionOf(url).device,
    /** From now on; a function is asked for each push that is as it should be. */
    answerWith(how: WebAnswer | typeof answer): void {
      answer = typeof how === 'function' ? how : () => how;
    },
    /** Pushes that were as they should be, in the order of their coming. */
    received: received as readonly WebReceived[],
    /** What the standards forbid and was done nevertheless. */
    problems: problems as readonly string[],
    /** Requests that were seen to the end of their body, connections ever and now, and bytes of endless answers. */
    traffic: traffic as Readonly<typeof traffic>,
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
export type WebPushService = Awaited<ReturnType<typeof openWebPushService>>;
