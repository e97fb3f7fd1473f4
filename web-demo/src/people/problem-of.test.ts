import { CombinedError } from 'urql';
import { describe, expect, it } from 'vitest';
import { problemOf } from './problem-of.ts';

const failed = (extensions: Record<string, unknown>) =>
  new CombinedError({ graphQLErrors: [{ message: 'no', extensions }] });

describe('why something was not done', () => {
  it('is that nobody answered, when nobody did', () => {
    const error = new CombinedError({ networkError: new TypeError('Failed to fetch') });
    expect(problemOf(error)).toMatchObject({ code: 'NO_ANSWER', until: null });
    expect(problemOf(undefined)).toMatchObject({ code: 'NO_ANSWER' });
  });

  it('says from when on it can be tried again', () => {
    const now = Date.parse('2026-01-01T00:00:00.000Z');
    expect(problemOf(failed({ code: 'RATE_LIMITED', retryAfterMs: 8_000 }), now)).toMatchObject({
      code: 'RATE_LIMITED',
      until: '2026-01-01T00:00:08.000Z',
    });
  });

  it('has words for every failure, those of later releases, too', () => {
    for (const extensions of [{ code: 'SOMETHING_NEW' }, {}])
      expect(problemOf(failed(extensions)).explanation).toMatch(/Try again/);
  });
});
