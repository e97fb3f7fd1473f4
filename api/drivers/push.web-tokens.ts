import webPush from 'web-push';
import type { Clock } from '../../schema/ports/clock.ts';
import type { VapidKey } from './vapid.ts';

/** How long a token is good, in seconds: RFC 8292 allows 24 h, and the clock of a service may differ from ours. */
export const tokenSeconds = 12 * 60 * 60;
/** Made anew when half of that is over, so that none runs out on its way. */
const renewMs = (tokenSeconds / 2) * 1_000;
/** Tokens kept, one for each origin; the oldest makes room. A wildcard of the allow list has any number of origins behind it. */
const maxTokens = 1_000;

type Settings = { readonly vapid: VapidKey; readonly subject: string; readonly clock: Clock };

/**
 * Says to a push service who is sending: `authorizationOf(origin)` is the header of RFC 8292. Kept for each origin, as making one
 * costs nearly twice the time that encrypting a note does.
 */
export function createVapidTokens({ vapid, subject, clock }: Settings) {
  const kept = new Map<string, { readonly header: string; readonly renewAt: number }>();
  return (origin: string): string => {
    const now = clock.now();
    const known = kept.get(origin);
    if (known !== undefined && now < known.renewAt) return known.header;
    const { publicKey, privateKey } = vapid;
    const expires = Math.floor(now / 1_000) + tokenSeconds;
    const { Authorization: header } = webPush.getVapidHeaders(
      ...([origin, subject, publicKey, privateKey, 'aes128gcm', expires] as const),
    );
    kept.delete(origin);
    const [oldest] = kept.keys();
    if (kept.size >= maxTokens && oldest !== undefined) kept.delete(oldest);
    kept.set(origin, { header, renewAt: now + renewMs });
    return header;
  };
}
