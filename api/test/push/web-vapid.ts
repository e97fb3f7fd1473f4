import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';

// What a push service asks of who sends: RFC 8292.

const Head = z.object({ alg: z.literal('ES256'), typ: z.literal('JWT').optional() });
const Claims = z.object({
  aud: z.string(),
  exp: z.int(),
  sub: z.string().regex(/^(mailto:|https:\/\/)./),
});
const daySeconds = 24 * 60 * 60;

const parsed = <T>(shape: z.ZodType<T>, part: string): T =>
  shape.parse(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));

function keyOf(k: string): KeyObject {
  const raw = Buffer.from(k, 'base64url');
  if (raw.length !== 65 || raw[0] !== 4) throw new Error('The key is no uncompressed point.');
  const [x, y] = [raw.subarray(1, 33), raw.subarray(33)].map((half) => half.toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}

export type VapidSender = { readonly key: string; readonly expiresAt: number; readonly subject: string };

/** Who sends, by the header. Throws with what is wrong. */
export function checkVapid(header: string | undefined, asked: { origin: string; now: number }): VapidSender {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(header ?? '') ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  if (key === '' || signature === '') throw new Error('There is no Authorization of VAPID.');
  parsed(Head, head);
  const { aud, exp, sub } = parsed(Claims, claims);
  const isSigned = verify(
    ...(['sha256', Buffer.from(`${head}.${claims}`)] as const),
    { key: keyOf(key), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) throw new Error('The signature is wrong.');
  if (aud !== asked.origin) throw new Error('It is for another service.');
  const left = exp - asked.now / 1_000;
  if (left <= 0) throw new Error('It is over.');
  if (left > daySeconds) throw new Error('It is good for more than a day.');
  return { key, expiresAt: exp * 1_000, subject: sub };
}

/** The same, for many requests: a token that was right is only looked at for its time. At most a thousand are remembered. */
export function createVapidCheck() {
  const known = new Map<string, VapidSender>();
  return (header: string | undefined, asked: { origin: string; now: number }): VapidSender => {
    const before = known.get(header ?? '');
    if (before !== undefined && before.expiresAt > asked.now) return before;
    const sender = checkVapid(header, asked);
    if (known.size >= 1_000) known.clear();
    known.set(header ?? '', sender);
    return sender;
  };
}
