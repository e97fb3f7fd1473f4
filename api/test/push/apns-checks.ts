import { type KeyObject, verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http2';
import { z } from 'zod';
import type { Clock } from '../../../schema/ports/clock.ts';

/** What Apple says to a request that it does not take. */
export type ApnsRefusal = { readonly status: number; readonly reason: string; readonly timestamp?: number };

const maxPayloadBytes = 4_096;
const maxCollapseBytes = 64;
/** A token of a provider is good for an hour, and is not followed by another for 20 minutes. */
const tokenGoodMs = 60 * 60_000;
const tokensApartMs = 20 * 60_000;
/** Devices have had 32 bytes for ever; Apple says that they may have more one day. */
const deviceToken = /^[0-9a-f]{64,200}$/i;
const pushTypes = ['alert', 'background', 'location', 'voip', 'complication', 'fileprovider', 'mdm'];

/** What Apple says of a request, as far as it depends on nothing that was before; undefined when it is in order. */
export function refusalOf(headers: IncomingHttpHeaders, body: Buffer): ApnsRefusal | undefined {
  const bad = (reason: string, status = 400) => ({ status, reason });
  const of = (name: string) => String(headers[name] ?? '');
  if (of(':method') !== 'POST') return bad('MethodNotAllowed', 405);
  if (tokenIn(headers) === undefined) return bad('BadPath', 404);
  if (!deviceToken.test(tokenIn(headers) ?? '')) return bad('BadDeviceToken');
  if (of('apns-topic') === '') return bad('MissingTopic');
  if (!pushTypes.includes(of('apns-push-type'))) return bad('InvalidPushType');
  if (!/^(|1|5|10)$/.test(of('apns-priority'))) return bad('BadPriority');
  if (of('apns-push-type') === 'background' && of('apns-priority') !== '5') return bad('BadPriority');
  if (!/^\d{0,10}$/.test(of('apns-expiration'))) return bad('BadExpirationDate');
  if (Buffer.byteLength(of('apns-collapse-id')) > maxCollapseBytes) return bad('BadCollapseId');
  if (body.length === 0) return bad('PayloadEmpty');
  return body.length > maxPayloadBytes ? bad('PayloadTooLarge', 413) : undefined;
}

/** The device that a request is for; undefined when its path is none of Apple's. */
export const tokenIn = (headers: IncomingHttpHeaders): string | undefined =>
  /^\/3\/device\/([^/]*)$/.exec(headers[':path'] ?? '')?.[1];

export type ProviderKnown = {
  readonly publicKey: KeyObject;
  readonly keyId: string;
  readonly teamId: string;
  readonly clock: Clock;
  /** Whether a token that follows another too soon is refused. */
  readonly isStrict: boolean;
};

/** Checks who sends: ES256 over the key that was given out, `kid`, `iss`, `iat`. */
export function createProviderChecks({ isStrict, clock, ...known }: ProviderKnown) {
  /** When each good one was made; to check a signature at every request would cost more than all else. */
  const madeAt = new Map<string, number>();
  let newest: { readonly token: string; readonly since: number } | undefined;

  function refusal(authorization: string | undefined): ApnsRefusal | undefined {
    const token = /^bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return { status: 403, reason: 'MissingProviderToken' };
    const made = madeAt.get(token) ?? issuedBy(token, known);
    if (made === undefined) return { status: 403, reason: 'InvalidProviderToken' };
    madeAt.set(token, made);
    const now = clock.now();
    if (now - made > tokenGoodMs) return { status: 403, reason: 'ExpiredProviderToken' };
    if (token === newest?.token) return undefined;
    if (isStrict && newest !== undefined && now - newest.since < tokensApartMs)
      return { status: 429, reason: 'TooManyProviderTokenUpdates' };
    newest = { token, since: now };
    return undefined;
  }
  return { refusal, tokens: () => madeAt.size };
}

const header = z.strictObject({ alg: z.literal('ES256'), kid: z.string(), typ: z.string().optional() });
const claims = z.strictObject({ iss: z.string(), iat: z.int() });

/** When a token was made; undefined when it is not by this provider. Without jose, which makes them. */
function issuedBy(
  token: string,
  { publicKey, keyId, teamId }: Pick<ProviderKnown, 'publicKey' | 'keyId' | 'teamId'>,
) {
  const parts = token.split('.');
  const [head, body, signature] = parts;
  if (head === undefined || body === undefined || signature === undefined || parts.length !== 3)
    return undefined;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const said = { header: header.safeParse(jsonOf(head)), claims: claims.safeParse(jsonOf(body)) };
  if (!isSigned || !said.header.success || !said.claims.success) return undefined;
  const isRight = said.header.data.kid === keyId && said.claims.data.iss === teamId;
  return isRight ? said.claims.data.iat * 1_000 : undefined;
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
