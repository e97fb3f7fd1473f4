import { describe, expect, it } from 'vitest';
import { answerOf, laterOf } from './push.apns-answer.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const of = (status: number, reason?: string, retryAfter?: string) =>
  answerOf({ status, body: reason && JSON.stringify({ reason }), retryAfter }, now);

describe('an answer of Apple', () => {
  it.each([
    [200, undefined, 'accepted'],
    [410, 'Unregistered', 'gone'],
    [410, 'ExpiredToken', 'gone'],
    [410, undefined, 'gone'],
    [400, 'BadDeviceToken', 'gone'],
    [400, 'DeviceTokenNotForTopic', 'gone'],
    [400, 'TopicDisallowed', 'refused'],
    [400, 'BadCollapseId', 'refused'],
    [400, undefined, 'refused'],
    [400, 'IdleTimeout', 'later'],
    [403, 'InvalidProviderToken', 'refused'],
    [403, 'BadDeviceToken', 'refused'],
    [404, 'BadPath', 'refused'],
    [405, 'MethodNotAllowed', 'refused'],
    [413, 'PayloadTooLarge', 'refused'],
    [301, undefined, 'refused'],
    [429, 'TooManyRequests', 'later'],
    [429, 'TooManyProviderTokenUpdates', 'later'],
    [500, 'InternalServerError', 'later'],
    [503, 'ServiceUnavailable', 'later'],
    [503, undefined, 'later'],
  ] as const)('%d %s is %s', (status, reason, outcome) => {
    expect(of(status, reason)).toEqual({ outcome, status, reason: reason ?? null });
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['999999999', 3_600_000],
    ['soon', undefined],
    ['', undefined],
    ['-5', undefined],
  ])('asks to wait: Retry-After %j is %s ms', (header, retryAfterMs) => {
    expect(of(429, 'TooManyRequests', header).retryAfterMs).toBe(retryAfterMs);
  });

  it('that does not ask to be sent again has no time to wait', () => {
    expect(of(400, 'BadTopic', '7')).not.toHaveProperty('retryAfterMs');
    expect(laterOf('no answer in time')).toEqual({
      ...{ outcome: 'later', status: null, reason: 'no answer in time' },
    });
  });

  it('gives a reason only in the words that Apple has', () => {
    const reasonOf = (body: string | undefined) =>
      answerOf({ status: 400, body, retryAfter: undefined }, now).reason;
    expect(reasonOf('{"reason":"BadTopic","timestamp":5}')).toBe('BadTopic');
    for (const body of [
      '{"reason":"token abcdef01"}',
      '{"reason":7}',
      '["BadTopic"]',
      'null',
      '{"rea',
      '',
      undefined,
    ])
      expect(reasonOf(body), body).toBeNull();
    expect(reasonOf(JSON.stringify({ reason: 'x'.repeat(65) }))).toBeNull();
  });
});
