import { Agent } from 'node:https';
import webPush from 'web-push';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Push, PushAnswer, PushNote, PushTarget } from '../../schema/ports/push.ts';
import { type Lookup, publicLookup } from './push.web-addresses.ts';
import { answerIn, failureOf, later, refused } from './push.web-answer.ts';
import { type Trust, trustOf } from './push.web-hosts.ts';
import { createPatience, maxSockets } from './push.web-patience.ts';
import { webHeadersOf, webPayloadOf } from './push.web-payload.ts';
import { type Post, type Posted, post } from './push.web-post.ts';
import { createVapidTokens } from './push.web-tokens.ts';
import type { VapidKey } from './vapid.ts';

export type WebPushSettings = {
  readonly vapid: VapidKey;
  /** Whom the services write to: `mailto:` or `https:`. */
  readonly subject: string;
  /** Beside those of the browsers, as `host` or `host:port`: named by the operator, so reached at any address. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  /** How names are looked up; absent: as the system does. */
  readonly lookup?: Lookup;
  /** Certificates that are believed instead of the known ones. */
  readonly ca?: string;
};

/** From the call to the end of the answer. */
const totalMs = 10_000;
/** So long a note may wait for a connection: one that got it at the last moment would be sent, and not waited for. */
const connectionMs = 5_000;
const tooMany = 'Too many wait for it.';
/** After this a connection should be free again. */
const soonMs = 1_000;
/** A connection that is not used is closed after this; services do it after a minute or more. */
const idleMs = 50_000;

/**
 * Sends to the push services of browsers, encrypted by web-push; the requests are our own, as that library waits without end and
 * keeps any answer whole. Connections are kept, which spares most of the work; a proxy of the environment is not used.
 */
export async function openWebPush(settings: WebPushSettings): Promise<Push> {
  const { vapid, hosts, clock } = settings;
  const agents = createAgents(settings);
  const authorizationOf = createVapidTokens(settings);
  const patience = createPatience(clock);
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  async function send(target: WebTarget, note: PushNote): Promise<PushAnswer> {
    const url = URL.canParse(target.url) ? new URL(target.url) : undefined;
    const trust = url && trustOf(url, hosts);
    if (url === undefined || trust === undefined)
      return refused('The host of this device is not on the list.');
    const authorization = authorizationOf(url.origin);
    const wait = patience.enter(url.host);
    if (wait !== undefined)
      return later(wait.isSilent ? 'The service has been silent.' : tooMany, wait.waitMs);
    const sealed = seal(target, note, authorization);
    const tried =
      sealed && (await within(clock, (until) => post({ url, agent: agents[trust], ...sealed, ...until })));
    patience.leave(url.host, tried?.hasAnswered);
    if (tried === undefined) return refused('The keys of this device cannot be used.');
    return tried.posted ? answerIn(tried.posted, { target, now: clock.now() }) : tried.answer;
  }

  return {
    vapidPublicKey: vapid.publicKey,
    services: new Set(['WEB'] as const),
    async send(target, note) {
      if (isClosed) throw new Error('Web Push is closed.');
      if (target.service !== 'WEB') throw new Error('Web Push sends to browsers only.');
      const sending = send(target, note);
      running.add(sending);
      return sending.finally(() => running.delete(sending));
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(running);
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

type WebTarget = PushTarget & { readonly service: 'WEB' };

function createAgents({ lookup, ca }: WebPushSettings): Readonly<Record<Trust, Agent>> {
  const options = {
    ...{ keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleMs },
    // Said, as the environment can turn it off.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  };
  return {
    OPERATOR: new Agent(options),
    PUBLIC: new Agent({ ...options, lookup: publicLookup(lookup) }),
  };
}

/** Undefined where the keys of the device are none. */
function seal({ url, p256dh, auth }: WebTarget, note: PushNote, Authorization: string) {
  try {
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint: url, keys: { p256dh, auth } },
      Buffer.from(webPayloadOf(note)),
      { headers: { Authorization }, ...webHeadersOf(note, auth) },
    );
    return { headers, body };
  } catch {
    return undefined;
  }
}

type Until = Pick<Post, 'signal' | 'onConnection'>;
type Tried =
  | { readonly posted: Posted; readonly hasAnswered: true }
  /** `hasAnswered` undefined: it was not asked. */
  | { readonly posted?: undefined; readonly answer: PushAnswer; readonly hasAnswered: false | undefined };

/** What has no connection when half of the time is over, or no answer when all of it is, gets an answer of ours. */
async function within(clock: Clock, ask: (until: Until) => Promise<Posted>): Promise<Tried> {
  const [timeIsUp, isDone] = [new AbortController(), new AbortController()];
  let isConnecting = false;
  const onConnection = () => {
    isConnecting = true;
  };
  const watch = async () => {
    await clock.sleep(connectionMs, isDone.signal);
    if (isConnecting) await clock.sleep(totalMs - connectionMs, isDone.signal);
    // When it is done it is too late: that could hit the next request on the same connection.
    if (!isDone.signal.aborted) timeIsUp.abort();
  };
  void watch();
  try {
    return { posted: await ask({ signal: timeIsUp.signal, onConnection }), hasAnswered: true };
  } catch (error) {
    if (!timeIsUp.signal.aborted) return { answer: failureOf(error), hasAnswered: false };
    return isConnecting
      ? { answer: later('The service did not answer within 10 seconds.'), hasAnswered: false }
      : { answer: later(tooMany, soonMs), hasAnswered: undefined };
  } finally {
    isDone.abort();
  }
}
