import type { PushAnswer } from '../../schema/ports/push.ts';

/** What came back of one request. A body that did not come to its end, or was too long, is undefined. */
export type ApnsReply = {
  readonly status: number;
  readonly body: string | undefined;
  readonly retryAfter: string | undefined;
};

/** Whoever wants us to wait longer is asked again all the same: by then the message is nearly too old to be told of. */
const maxRetryAfterMs = 60 * 60_000;
/** As Apple writes them; anything else is not repeated, as it could hold what nobody may read. */
const reasonFormat = /^[A-Za-z]{1,64}$/;

/**
 * These say that the address will never be good again. `BadDeviceToken` is also what production says of a token that a development
 * build made, and the other way round. That is gone as well: an address keeps what it was registered as, so asking again gives
 * the same answer for ever, and the app registers at each of its starts, then with the right word.
 */
const goneReasons = new Set(['BadDeviceToken', 'DeviceTokenNotForTopic', 'Unregistered', 'ExpiredToken']);
/** A 400 for nothing that we said: the connection was too slow for Apple. */
const slowReason = 'IdleTimeout';
/** The token that says who we are is too old: a new one helps, and is made by whoever sends. */
export const oldTokenReason = 'ExpiredProviderToken';

/** What Apple's answer means for us. */
export function answerOf({ status, body, retryAfter }: ApnsReply, now: number): PushAnswer {
  const reason = reasonIn(body);
  if (status === 200) return { outcome: 'accepted', status, reason: null };
  if (status === 410 || (status === 400 && goneReasons.has(reason ?? '')))
    return { outcome: 'gone', status, reason };
  const isForLater = status === 429 || status >= 500 || reason === slowReason;
  if (!isForLater) return { outcome: 'refused', status, reason };
  const retryAfterMs = retryAfterOf(retryAfter, now);
  return { outcome: 'later', status, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Answers for what never got an answer of Apple. */
export const laterOf = (reason: string, retryAfterMs?: number): PushAnswer => ({
  ...{ outcome: 'later', status: null, reason },
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

export function reasonIn(body: string | undefined): string | null {
  if (!body) return null;
  try {
    const said: unknown = JSON.parse(body);
    if (typeof said !== 'object' || said === null || !('reason' in said)) return null;
    const { reason } = said;
    return typeof reason === 'string' && reasonFormat.test(reason) ? reason : null;
  } catch {
    return null;
  }
}

/** Seconds or a date: RFC 9110, section 10.2.3. */
function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const isDate = /^[A-Z][a-z]{2}, /.test(header); // else a number of anything would be a year
  const ms = /^\d{1,9}$/.test(header)
    ? Number(header) * 1_000
    : isDate
      ? Date.parse(header) - now
      : Number.NaN;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), maxRetryAfterMs) : undefined;
}
