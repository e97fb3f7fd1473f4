import { describe, expect, it } from 'vitest';
import { answerIn, failureOf } from './push.web-answer.ts';

const now = Date.UTC(2030, 0, 1);
const target = {
  service: 'WEB',
  url: 'https://fcm.googleapis.com/fcm/send/abcSecretWords',
  p256dh: 'BPublicOfBrowser',
  auth: 'sharedWord',
} as const;
const answerTo = (
  status: number,
  { body = '', ...headers }: { body?: string; 'retry-after'?: string } = {},
) => answerIn({ status, headers, body }, { target, now });

describe('an answer of a push service', () => {
  it.for([
    [200, 'accepted'],
    [201, 'accepted'],
    [202, 'accepted'],
    [204, 'accepted'],
    [301, 'refused'],
    [307, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'gone'],
    [405, 'refused'],
    [408, 'later'],
    [410, 'gone'],
    [413, 'refused'],
    [425, 'later'],
    [429, 'later'],
    [500, 'later'],
    [502, 'later'],
    [503, 'later'],
    [0, 'refused'],
  ] as const)('of %i means %s', ([status, outcome]) => {
    expect(answerTo(status)).toMatchObject({ outcome, status });
    expect(answerTo(status).reason === null).toBe(outcome === 'accepted');
  });

  it.for([
    ['7', 7_000],
    ['0', 1_000],
    ['3600', 3_600_000],
    ['86400', 3_600_000],
    ['99999999999999999999', 3_600_000],
    ['Tue, 01 Jan 2030 00:02:00 GMT', 120_000],
    ['Mon, 31 Dec 2029 00:00:00 GMT', 1_000],
    ['Wed, 02 Jan 2030 00:00:00 GMT', 3_600_000],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
  ] as const)('is waited for as Retry-After says, an hour at most: %s', ([header, retryAfterMs]) => {
    expect(answerTo(503, { 'retry-after': header }).retryAfterMs).toBe(retryAfterMs);
    expect(answerTo(410, { 'retry-after': header }).retryAfterMs).toBeUndefined();
  });

  it('has the reason of the service where that is a few words', () => {
    expect(answerTo(403, { body: '{"reason":"BadJwtToken"}' }).reason).toBe('BadJwtToken');
    expect(answerTo(410, { body: '{"code":410,"errno":103,"error":"Gone"}' }).reason).toBe('Gone');
  });

  it.for([
    ['no JSON', '<h1>Unauthorized</h1>'],
    ['the address', `{"reason":"${target.url}"}`],
    ['a part of the address', '{"reason":"abcSecretWords"}'],
    ['a key', '{"reason":"BPublicOfBrowser","error":"sharedWord"}'],
    ['what looks like an id', '{"reason":"a7f3c2b1e9"}'],
    ['markup', '{"reason":"<b>no</b>"}'],
    ['ends of lines', '{"reason":"no\\nlevel fatal"}'],
    ['too much', `{"reason":"${'no '.repeat(100)}"}`],
    ['no text', '{"reason":{"error":1},"error":401}'],
    ['nothing', 'null'],
    ['a list', '["BadJwtToken"]'],
  ])('has a reason of ours where theirs is %s', ([, body]) => {
    expect(answerTo(401, { body }).reason).toBe('The service does not accept our key.');
  });
});

describe('no answer', () => {
  const failing = (code: string) =>
    failureOf(Object.assign(new Error(`${code} fcm.googleapis.com 1.2.3.4`), { code }));
  it.for([
    ['FORBIDDEN_ADDRESS', 'refused'],
    ['ECONNREFUSED', 'later'],
    ['ENOTFOUND', 'later'],
    ['EAI_AGAIN', 'later'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'later'],
    ['CERT_HAS_EXPIRED', 'later'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'later'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'later'],
    ['EPROTO', 'later'],
    ['ECONNRESET', 'later'],
    ['ETIMEDOUT', 'later'],
    ['HPE_INVALID_CONSTANT', 'later'],
  ] as const)('for %s means %s, and does not say where', ([code, outcome]) => {
    expect(failing(code)).toMatchObject({ outcome, status: null });
    expect(failing(code).reason).not.toMatch(/google|\d/);
  });

  it('for anything else means later', () => {
    expect(failureOf('what?')).toMatchObject({ outcome: 'later' });
  });
});
