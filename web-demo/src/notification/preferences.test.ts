import { describe, expect, it } from 'vitest';
import { spansWith, timeZonesWith, usualQuietHours, withDay } from './preferences.ts';

describe('Quiet hours', () => {
  it('keep their days in the order of the week', () => {
    expect(withDay(['SUNDAY', 'MONDAY'], 'WEDNESDAY', true)).toEqual(['MONDAY', 'WEDNESDAY', 'SUNDAY']);
    expect(withDay(['SUNDAY', 'MONDAY'], 'MONDAY', false)).toEqual(['SUNDAY']);
  });

  it('begin as every night, where one is', () => {
    expect(usualQuietHours()).toMatchObject({ from: '22:00', to: '07:00', timeZone: expect.any(String) });
    expect(usualQuietHours().days).toHaveLength(7);
  });

  it('show a time zone and a span that only another client knows', () => {
    expect(timeZonesWith('Mars/Olympus')[0]).toBe('Mars/Olympus');
    expect(spansWith(42)[0]).toEqual({ value: '42', label: '42 seconds later' });
    expect(spansWith(60).map(({ value }) => value)).not.toContain('42');
  });
});
