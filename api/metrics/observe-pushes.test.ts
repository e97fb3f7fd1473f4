import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createPushObserver } from './observe-pushes.ts';

it('tells who was notified and why not, what push services said, and how late a push was', async () => {
  const registry = new Registry();
  const observer = createPushObserver(registry);
  observer.onDecided('SENT', 'ENDPOINT');
  observer.onDecided('SUPPRESSED', 'MUTED');
  observer.onDecided('SUPPRESSED', 'MUTED');
  observer.onPushed('accepted', 4_500);
  observer.onPushed('later', 4_500);
  const text = await registry.metrics();
  expect(text).toContain('parley_notification_decisions_total{outcome="SENT",rule="ENDPOINT"} 1');
  expect(text).toContain('parley_notification_decisions_total{outcome="SUPPRESSED",rule="MUTED"} 2');
  expect(text).toContain('parley_pushes_total{outcome="accepted"} 1');
  expect(text).toContain('parley_pushes_total{outcome="later"} 1');
  expect(text).toContain('parley_push_delay_seconds_bucket{le="5"} 1');
  expect(text).toContain('parley_push_delay_seconds_count 1');
});
