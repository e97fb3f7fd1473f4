import { Counter, Histogram, type Registry } from 'prom-client';
import type { WakeObserver } from '../../schema/wake/keep-decisions.ts';

/** A push waits 3 s for what else is said, and 15 s or more where somebody was active. */
const delaySeconds = [1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 120, 300, 3_600];

/** Whom this process decides to notify, and what push services say to it. */
export function createPushObserver(registry: Registry): WakeObserver {
  const registers = [registry];
  const decisions = new Counter({
    name: 'parley_notification_decisions_total',
    help: 'Decisions about a message and a device, by outcome and the rule that decided; one that is postponed is asked again.',
    labelNames: ['outcome', 'rule'],
    registers,
  });
  const pushes = new Counter({
    name: 'parley_pushes_total',
    help: 'Pushes of messages by what became of them: accepted, gone, later, refused.',
    labelNames: ['outcome'],
    registers,
  });
  const delay = new Histogram({
    name: 'parley_push_delay_seconds',
    help: 'From the newest message of a push until its service has taken it.',
    buckets: delaySeconds,
    registers,
  });
  return {
    onDecided: (outcome, rule) => decisions.inc({ outcome, rule }),
    onPushed(outcome, delayMs) {
      pushes.inc({ outcome });
      if (outcome === 'accepted') delay.observe(delayMs / 1_000);
    },
  };
}
