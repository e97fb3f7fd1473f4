import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Bus } from '../../schema/ports/bus.ts';
import { type EventLog, OutcomeUnknownError } from '../../schema/ports/event-log.ts';
import type { Leases } from '../../schema/ports/leases.ts';
import type { Limiter } from '../../schema/ports/limiter.ts';

/** Ports that count what is asked of them, and are else what they were. */
export type MeasurePorts = {
  log(log: EventLog): EventLog;
  bus(bus: Bus): Bus;
  limiter(limiter: Limiter): Limiter;
  leases(leases: Leases): Leases;
};

/** A limit that somebody met. `by` is a name that stands in the code, never a key. */
export type CountRefusal = (by: string) => void;

const roundSizes = [1, 2, 4, 8, 16, 32, 64];
const roundSeconds = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export const createMeasurePorts = (registry: Registry, countRefusal: CountRefusal): MeasurePorts => ({
  log: createMeasureLog(registry),
  bus: createMeasureBus(registry),
  leases: createMeasureLeases(registry),
  limiter: (limiter) => ({
    ...limiter,
    async take(rule, key, count) {
      const taken = await limiter.take(rule, key, count);
      if (!taken.isGranted) countRefusal(rule.name);
      return taken;
    },
  }),
});

/** What readers hold open in this process shows here: a channel or a person that nobody follows any more is let go within a minute. */
function createMeasureBus(registry: Registry): MeasurePorts['bus'] {
  const topics = new Gauge({
    name: 'parley_topics_open',
    help: 'Subscriptions to the bus: one for each channel and each person that somebody follows here, and a few of the server itself.',
    registers: [registry],
  });
  return (bus) => ({
    ...bus,
    async subscribe(topic, onPayload) {
      const end = await bus.subscribe(topic, onPayload);
      let isOpen = true;
      topics.inc();
      return () => {
        end();
        if (isOpen) topics.dec();
        isOpen = false;
      };
    },
  });
}

/** Both stay 0 as long as all servers live and none of them stands still. */
function createMeasureLeases(registry: Registry): MeasurePorts['leases'] {
  const registers = [registry];
  const orphans = new Counter({
    name: 'parley_leases_orphaned_total',
    help: 'Devices of servers that died, which this one took over until it was known whether they come back.',
    registers,
  });
  const losses = new Counter({
    name: 'parley_leases_lost_total',
    help: 'How often others held this server for dead, because it stood still for 10 seconds or the leases were emptied.',
    registers,
  });
  return (leases) => {
    leases.onOrphaned((some) => orphans.inc(some.length));
    leases.onLost(() => losses.inc());
    return leases;
  };
}

function createMeasureLog(registry: Registry): MeasurePorts['log'] {
  const registers = [registry];
  const rounds = new Counter({
    name: 'parley_append_rounds_total',
    help: 'Rounds of events given to the log, by outcome: committed, unknown (repeated), refused.',
    labelNames: ['outcome'],
    registers,
  });
  const sizes = new Histogram({
    name: 'parley_append_round_events',
    help: 'How many events went to the log in one round.',
    buckets: roundSizes,
    registers,
  });
  const durations = new Histogram({
    name: 'parley_append_round_seconds',
    help: 'How long the log took for one round.',
    buckets: roundSeconds,
    registers,
  });
  const reads = new Counter({
    name: 'parley_log_reads_total',
    help: 'Reads of the log, by what was read.',
    labelNames: ['what'],
    registers,
  });

  return (log) => {
    const counted = <In extends readonly unknown[], Out>(what: string, read: (...given: In) => Out) => {
      const child = reads.labels(what);
      return (...given: In): Out => {
        child.inc();
        return read(...given);
      };
    };
    return {
      ...log,
      async append(channelId, drafts, now) {
        const endTimer = durations.startTimer();
        sizes.observe(drafts.length);
        try {
          const appended = await log.append(channelId, drafts, now);
          rounds.inc({ outcome: 'committed' });
          return appended;
        } catch (failure) {
          rounds.inc({ outcome: failure instanceof OutcomeUnknownError ? 'unknown' : 'refused' });
          throw failure;
        } finally {
          endTimer();
        }
      },
      read: counted('events', log.read),
      heads: counted('heads', log.heads),
      messages: counted('messages', log.messages),
      messagesAt: counted('messages-at', log.messagesAt),
      findNonce: counted('nonce', log.findNonce),
    };
  };
}
