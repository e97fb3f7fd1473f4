import { z } from 'zod';
import type { PushAnswer, PushTarget } from '../../schema/ports/push.ts';
import { forbiddenAddress } from './push.web-addresses.ts';
import type { Posted } from './push.web-post.ts';

/** Of what a service asks to wait for, in milliseconds: below, we would knock at once; above, one mistake of theirs costs a day. */
const shortestWaitMs = 1_000;
const longestWaitMs = 60 * 60 * 1_000;

/** Seconds or a date (RFC 9110). Undefined when it is neither. */
function retryAfterIn(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : date - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, shortestWaitMs), longestWaitMs);
}

const reasonOf = new Map<number, string>([
  [400, 'The service does not understand the request.'],
  [401, 'The service does not accept our key.'],
  [403, 'The service does not accept our key for this device.'],
  [404, 'The service does not know this device.'],
  [410, 'The service does not know this device any more.'],
  [413, 'The service finds it too long.'],
  [429, 'The service wants fewer.'],
]);
const otherReason = (status: number) => {
  if (status >= 500) return 'The service is in trouble.';
  return status >= 300 && status < 400
    ? 'The service sends us elsewhere, which is not followed.'
    : 'The service refuses it.';
};

/** Services name their reason in one of these; `error` of some is a number or an object. */
const Explained = z.object({ reason: z.unknown(), error: z.unknown() }).partial();
/** A few words without digits: an id or a key is none. */
const plainWords = /^[A-Za-z][A-Za-z ]{2,48}$/;

/** The service's own word for it, if it has one that cannot be something else: some repeat the address or what was sent. */
function ownReason(body: string, { url, p256dh, auth }: PushTarget & { service: 'WEB' }): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { data } = Explained.safeParse(parsed);
  return [data?.reason, data?.error].find(
    (word): word is string =>
      typeof word === 'string' &&
      plainWords.test(word) &&
      ![url, p256dh, auth].some((known) => known.includes(word)),
  );
}

/** What a status means to us: RFC 8030, and what services do. */
function outcomeOf(status: number): PushAnswer['outcome'] {
  if (status >= 200 && status < 300) return 'accepted';
  if (status === 404 || status === 410) return 'gone';
  return status === 408 || status === 425 || status === 429 || status >= 500 ? 'later' : 'refused';
}

type Asked = { readonly target: PushTarget & { service: 'WEB' }; readonly now: number };

export function answerIn({ status, headers, body }: Posted, { target, now }: Asked): PushAnswer {
  const outcome = outcomeOf(status);
  if (outcome === 'accepted') return { outcome, status, reason: null };
  const reason = ownReason(body, target) ?? reasonOf.get(status) ?? otherReason(status);
  const retryAfterMs = outcome === 'later' ? retryAfterIn(headers['retry-after'], now) : undefined;
  return { outcome, status, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

export const later = (reason: string, retryAfterMs?: number): PushAnswer => ({
  ...{ outcome: 'later', status: null, reason },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
export const refused = (reason: string): PushAnswer => ({ outcome: 'refused', status: null, reason });

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Why there was no answer. Nothing of the error itself is passed on: it names the host and the address. */
export function failureOf(error: unknown): PushAnswer {
  const code = codeOf(error);
  if (code === forbiddenAddress) return refused('The host of this device is not at a public address.');
  if (code === 'ECONNREFUSED') return later('The service does not take connections.');
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return later('The host of the service is not found.');
  if (/CERT|SIGNATURE|ISSUER|TLS|SSL|EPROTO/.test(code))
    return later('The service does not prove who it is.');
  return later('The connection to the service broke.');
}
