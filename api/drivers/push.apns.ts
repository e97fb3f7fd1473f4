import type { Logger } from 'pino';
import { startError } from '../../prisma/start-error.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Push, PushAnswer, PushTarget } from '../../schema/ports/push.ts';
import { type ApnsReply, answerOf, laterOf, oldTokenReason, reasonIn } from './push.apns-answer.ts';
import { createDeadlines, type Deadline } from './push.apns-deadlines.ts';
import { type ApnsOrigin, createApnsOrigin, type Delivery } from './push.apns-origin.ts';
import { type ApnsRequest, apnsRequestOf } from './push.apns-payload.ts';
import { createProviderTokens, type ProviderKey, type ProviderTokens } from './push.apns-token.ts';

/** The port promises ten seconds whatever the service does: the rest is for a process that is busy just then. */
const sendMs = 9_500;
type Origins = { readonly production: string; readonly development: string };
const apple: Origins = {
  production: 'https://api.push.apple.com',
  development: 'https://api.sandbox.push.apple.com',
};
/** What the address of a device looks like; others cannot be sent to. */
const tokenFormat = /^[0-9a-f]{2,400}$/i;
const topicFormat = /^[\w.-]{1,255}$/;

export type ApnsSettings = ProviderKey & {
  /** Instead of those of Apple: a relay, or a service for tests. One is for both. */
  readonly origin?: string | Origins | undefined;
  /** Who signs for `origin`, in PEM, where that is nobody whom Node knows. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
};

/**
 * Sends over Apple's own HTTP/2: one connection for apps from the store, one for those of developers, each opened when it is needed.
 * Rejects with a StartError when the key or the origin cannot be used; whether Apple takes the key is known after the first send.
 */
export async function openApnsPush(settings: ApnsSettings): Promise<Push> {
  const { clock, logger } = settings;
  const tokens = await createProviderTokens(settings, clock);
  const deadlines = createDeadlines(clock, sendMs);
  const { production, development } = openOrigins(settings);
  const tell = createTelling(logger);
  const sending = new Set<Promise<PushAnswer>>();
  let isClosed = false;

  async function sendOne(
    target: PushTarget & { service: 'APNS' },
    request: ApnsRequest,
  ): Promise<PushAnswer> {
    const deadline = deadlines.start();
    try {
      const origin = target.isSandbox ? development : production;
      const answer = await sendAs({ origin, tokens, request, deadline }, clock);
      tell(answer);
      return answer;
    } finally {
      deadline.stop();
    }
  }

  return {
    vapidPublicKey: undefined,
    services: new Set(['APNS']),
    async send(target, note) {
      if (target.service !== 'APNS') throw new Error('APNs was given the address of another service.');
      if (isClosed) throw new Error('APNs is closed.');
      if (!tokenFormat.test(target.token) || !topicFormat.test(target.topic)) return noAddress;
      const sent = sendOne(target, apnsRequestOf(target, note, clock.now()));
      sending.add(sent);
      return sent.finally(() => sending.delete(sent));
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(sending);
      deadlines.close();
      for (const origin of new Set([production, development])) origin.close();
    },
  };
}

/** One for both, where both are at the same place. */
function openOrigins({ origin = apple, ca, clock, logger }: ApnsSettings) {
  const asked = typeof origin === 'string' ? { production: origin, development: origin } : origin;
  const open = (at: string) => createApnsOrigin({ origin: at, ca, clock, logger });
  const [production, development] = [originOf(asked.production), originOf(asked.development)];
  const first = open(production);
  return { production: first, development: development === production ? first : open(development) };
}

/** It was let in by mistake: nothing that is sent there ever arrives. */
const noAddress: PushAnswer = { outcome: 'gone', status: null, reason: 'no address of a device' };

type Sending = {
  readonly origin: ApnsOrigin;
  readonly tokens: ProviderTokens;
  readonly request: ApnsRequest;
  readonly deadline: Deadline;
};

/** Sends with the provider token, and once again with a new one when that was too old. */
async function sendAs({ origin, tokens, request, deadline }: Sending, clock: Clock): Promise<PushAnswer> {
  const sendWith = (token: string) => {
    const headers = { ...request.headers, authorization: `bearer ${token}` };
    return origin.send({ ...request, headers }, deadline);
  };
  const token = await tokens.current();
  const delivery = await sendWith(token);
  if (!isTokenTooOld(delivery)) return answerOfDelivery(delivery, clock);
  const renewed = await tokens.afterExpired(token);
  if ('waitMs' in renewed)
    return { ...laterOf(oldTokenReason, renewed.waitMs), status: delivery.reply.status };
  const again = await sendWith(renewed.token);
  // A token of this moment that is too old: our clock is wrong, and may be put right.
  if (isTokenTooOld(again)) return { ...laterOf(oldTokenReason), status: again.reply.status };
  return answerOfDelivery(again, clock);
}

const isTokenTooOld = (delivery: Delivery): delivery is { kind: 'answer'; reply: ApnsReply } =>
  delivery.kind === 'answer' &&
  delivery.reply.status === 403 &&
  reasonIn(delivery.reply.body) === oldTokenReason;

function answerOfDelivery(delivery: Delivery, clock: Clock): PushAnswer {
  switch (delivery.kind) {
    case 'answer':
      return answerOf(delivery.reply, clock.now());
    case 'lost':
      return laterOf(delivery.isTooLate ? 'no answer in time' : 'the connection was lost');
    case 'unseen':
      return laterOf('the service did not look at it');
    case 'full':
      return laterOf('too many wait to be sent');
    case 'unreachable':
      return laterOf('the service cannot be reached', delivery.retryAfterMs);
  }
}

function originOf(setting: string): string {
  const url = URL.canParse(setting) ? new URL(setting) : undefined;
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw startError('APNS_ORIGIN is an address such as https://relay.example:2197, with https.');
  return url.origin;
}

/** An app that Apple does not let in is a mistake of whoever set the keys: said once, until something is let in again. */
function createTelling(logger: Pick<Logger, 'warn'>) {
  let isTold = false;
  return ({ outcome, status, reason }: PushAnswer) => {
    if (outcome === 'accepted') isTold = false;
    if (status !== 403 || isTold) return;
    isTold = true;
    logger.warn({ reason }, 'APNs does not take our key: check APNS_KEY, APNS_KEY_ID and APNS_TEAM_ID');
  };
}
