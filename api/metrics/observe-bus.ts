import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BusObserver } from '../../schema/ports/bus.ts';

const echoSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

const createCounter =
  (registers: Registry[]) =>
  (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });

const createLag = (registers: Registry[]) =>
  new Histogram({
    name: 'parley_bus_lag_seconds',
    help: 'How long a hint of this server was on its way to itself over Redis, once a second.',
    buckets: echoSeconds,
    registers,
  });

/** How hints fare between servers. Without Redis all of it stays 0. */
export function createBusObserver(registry: Registry): BusObserver {
  const registers = [registry];
  const counter = createCounter(registers);
  const topics = new Gauge({
    name: 'parley_bus_topics',
    help: 'Topics that this server hears over Redis, each once however many listen to it here.',
    registers,
  });
  const commands = counter(
    'parley_bus_subscribe_commands_total',
    'Commands that asked Redis for topics, at most 512 in each.',
  );
  const dropped = counter(
    'parley_bus_hints_dropped_total',
    'Hints from Redis that were not taken: of an unknown version, or damaged.',
    ['why'],
  );
  const unpublished = counter(
    'parley_bus_hints_unpublished_total',
    'Hints that did not reach Redis for certain; those who listen on this server heard them all the same.',
  );
  const interruptions = counter(
    'parley_bus_interruptions_total',
    'How often hints may have been lost until then: the connection broke (reconnect), or this server did not hear itself any more (echo).',
    ['how'],
  );
  const lag = createLag(registers);
  return {
    onTopics: (count) => topics.set(count),
    onSubscribe: () => commands.inc(),
    onDropped: (why) => dropped.inc({ why }),
    onUnpublished: (count) => unpublished.inc(count),
    onInterrupted: (how) => interruptions.inc({ how }),
    onEcho: (ms) => lag.observe(ms / 1_000),
  };
}
