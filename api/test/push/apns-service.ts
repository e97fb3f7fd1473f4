import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { constants, createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type Clock, systemClock } from '../../../schema/ports/clock.ts';
import { type ApnsAnswer, giveAnswer } from './apns-answers.ts';
import { type ApnsRefusal, createProviderChecks, refusalOf, tokenIn } from './apns-checks.ts';
import { type ApnsPayload, apnsPayload, createScreens } from './apns-screen.ts';
import { createSessions } from './apns-sessions.ts';
import { makeWebCertificate } from './web-certificate.ts';

/** What somebody sent to a device, and was in order. */
export type ApnsReceived = {
  readonly token: string;
  readonly topic: string;
  readonly pushType: string;
  readonly priority: string;
  readonly expiration: string;
  readonly collapseId: string | undefined;
  readonly payload: ApnsPayload;
  readonly bytes: number;
  readonly at: number;
  /** Of the connection that it came over, counted from 1. */
  readonly connection: number;
};

export type ApnsServiceOptions = {
  /** Tokens of providers are judged by it. */
  readonly clock?: Clock;
  readonly maxConcurrentStreams?: number;
  /** Refuses a token of the provider that follows another within 20 minutes, as Apple does. Only where there is one process. */
  readonly isStrictAboutTokens?: boolean;
  /** A port that is free now; absent: any. So that one can come back where it was. */
  readonly port?: number;
  readonly identity?: ApnsIdentity;
};

/** So many are remembered, the newest ones. */
const maxReceived = 500_000;

/** Who a service is, and the key that it has given out. */
export type ApnsIdentity = ReturnType<typeof makeApnsIdentity>;

/** A certificate that nobody has signed, a key as Apple gives it out, and its names. */
export function makeApnsIdentity() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return {
    certificate: makeWebCertificate(['localhost']),
    ...{ publicKey, key, keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ' },
  };
}

/**
 * A service as Apple's, on this computer: HTTP/2 over TLS, checks who sends and what, and keeps what each device shows. Tokens of
 * devices are 64 hexadecimal digits. `settings` is what the driver wants to know. It answers 200 to what is in order, unless told.
 */
export async function openApnsService(options: ApnsServiceOptions = {}) {
  const { clock = systemClock, identity = makeApnsIdentity() } = options;
  const { certificate, key, keyId, teamId, publicKey } = identity;
  const provider = createProviderChecks({
    ...{ publicKey, keyId, teamId, clock },
    isStrict: options.isStrictAboutTokens ?? false,
  });
  const screens = createScreens();
  const sessions = createSessions(options.maxConcurrentStreams ?? 1_000);
  const received: ApnsReceived[] = [];
  let answerTo: Answering = () => undefined;
  let [requests, endlessBytes] = [0, 0];

  async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    const leave = sessions.enter(stream);
    try {
      const body = await bodyOf(stream);
      requests += 1;
      const refused = provider.refusal(headers.authorization) ?? refusalOf(headers, body);
      const arrival = { connection: sessions.numberOf(stream), at: clock.now() };
      const pushed = refused ?? readPushed(headers, body, arrival);
      const told = 'reason' in pushed ? pushed : ((await answerTo(pushed)) ?? { status: 200 });
      if (!('reason' in pushed) && isTaken(told)) {
        if (received.push(pushed) > maxReceived) received.shift();
        screens.take(pushed.token, pushed.collapseId, pushed.payload);
      }
      await giveAnswer(stream, told, (bytes) => {
        endlessBytes += bytes;
      });
    } catch {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR); // who sent it is gone
    } finally {
      leave();
    }
  }

  const server = createSecureServer({ ...certificate, settings: sessions.settings() });
  server.on('session', sessions.add);
  server.on('sessionError', () => undefined);
  server.on('stream', (stream: ServerHttp2Stream, headers) => void answer(stream, headers));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const origin = `https://localhost:${port}`;

  return {
    ...{ origin, port, identity },
    /** What devices got, in the order of its coming. */
    received: received as readonly ApnsReceived[],
    /** PEM, what a sender has to believe, and the key with its names that it has been given. */
    ...{ certificate: certificate.cert, key, keyId, teamId },
    settings: { origin, ca: certificate.cert, key, keyId, teamId },
    visible: screens.visible,
    badge: screens.badge,
    /** From now on, to what is in order. A function is asked each time: undefined is 200, a promise an answer that takes its time. */
    answerWith(how: ApnsAnswer | Answering): void {
      answerTo = typeof how === 'function' ? how : () => how;
    },
    /** How many different good tokens of the provider have come. */
    providerTokens: provider.tokens,
    /** Requests that have come whole, whatever became of them. */
    requests: () => requests,
    /** How much of answers without end was given to the network. */
    endlessBytes: () => endlessBytes,
    ...sessions.seen,
    allowAtOnce: sessions.allowAtOnce,
    goAway: sessions.goAway,
    ping: sessions.ping,
    dropConnections: sessions.drop,
    async close(): Promise<void> {
      sessions.drop();
      server.close();
      await once(server, 'close');
    },
  };
}
export type ApnsService = Awaited<ReturnType<typeof openApnsService>>;
type Answering = (pushed: ApnsReceived) => ApnsAnswer | undefined | Promise<ApnsAnswer | undefined>;

async function bodyOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** Whether the device gets it, whatever whoever sent it hears. */
const isTaken = (told: ApnsAnswer) =>
  told === 'takeAndDrop' || (typeof told === 'object' && 'status' in told && told.status === 200);

type Arrival = Pick<ApnsReceived, 'connection' | 'at'>;
function readPushed(
  headers: IncomingHttpHeaders,
  body: Buffer,
  arrival: Arrival,
): ApnsReceived | ApnsRefusal {
  const of = (name: string) => String(headers[name] ?? '');
  const payload = apnsPayload.safeParse(JSON.parse(body.toString()));
  // Apple does not look: it is our own mistake, and must not be taken for a success.
  if (!payload.success) return { status: 400, reason: 'PayloadOfAnotherForm' };
  return {
    token: tokenIn(headers) ?? '',
    topic: of('apns-topic'),
    pushType: of('apns-push-type'),
    priority: of('apns-priority'),
    expiration: of('apns-expiration'),
    collapseId: of('apns-collapse-id') || undefined,
    payload: payload.data,
    bytes: body.length,
    ...arrival,
  };
}
