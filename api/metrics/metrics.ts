import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BusObserver } from '../../schema/ports/bus.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import { systemClock } from '../../schema/ports/clock.ts';
import type { EventLogObserver } from '../../schema/ports/event-log.ts';
import type { StreamObserver } from '../../schema/stream/observer.ts';
import type { WakeObserver } from '../../schema/wake/keep-decisions.ts';
import type { Admission } from '../socket/admission.ts';
import { createNames } from './known-names.ts';
import { createMeasureAdmission } from './measure-admission.ts';
import { createMeasureJobs, type MeasureJobs } from './measure-jobs.ts';
import { createMeasureOperations, type MeasureOperations } from './measure-operations.ts';
import { type CountRefusal, createMeasurePorts, type MeasurePorts } from './measure-ports.ts';
import { createBusObserver } from './observe-bus.ts';
import { createPushObserver } from './observe-pushes.ts';
import { createRoundsObserver } from './observe-rounds.ts';

/** What is open on a server at a moment. `sockets` counts streams as well. */
type ServerCounts = {
  readonly sockets: number;
  readonly streams: number;
  readonly pendingSockets: number;
  readonly operations: number;
  readonly bufferedBytes: number;
  readonly people: { readonly connected: number; readonly watched: number };
};

/**
 * What one process tells about itself. Parts of a server are wrapped, so that they know nothing of it and cost nothing without
 * it. No label has a value that a client can choose: no ids, no handles, no texts, no addresses, no names but known ones.
 */
export type Metrics = MeasureOperations &
  MeasurePorts &
  MeasureJobs & {
    readonly stream: StreamObserver;
    readonly hints: BusObserver;
    /** For a log whose store is shared with others that may be first. */
    readonly rounds: EventLogObserver;
    readonly pushes: WakeObserver;
    admission(admission: Admission): Admission;
    readonly countRefusal: CountRefusal;
    /** For one subscription: told of every event that was written to its socket. Each costs about 0.1 µs. */
    watchDelivery(): (event: unknown) => void;
    /** From now on this is what is open. It is asked for whenever somebody looks. */
    watchServer(counts: () => ServerCounts): void;
    /** Everything, in the text format of Prometheus. */
    text(): Promise<string>;
    readonly contentType: string;
  };

type Options = {
  /** Documents whose operations are counted by name, beside the examples. */
  readonly documents?: readonly string[];
  readonly clock?: Pick<Clock, 'now'>;
};

const lagBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

/** What prom-client counts of the process itself goes on until the process ends, and keeps nothing from ending. */
export function createMetrics({ documents = [], clock = systemClock }: Options = {}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const countRefusal = createRefusals(registry);
  const lag = new Histogram({
    name: 'parley_stream_lag_seconds',
    help: 'From just before the commit of an event until it was written to a socket; not of events from before the subscription.',
    buckets: lagBuckets,
    registers: [registry],
  });
  const gauges = createGauges(registry);
  return {
    ...createMeasureOperations({ registry, nameOf: createNames(documents) }),
    ...createMeasurePorts(registry, countRefusal),
    ...createMeasureJobs(registry),
    stream: createObserver(registry),
    hints: createBusObserver(registry),
    rounds: createRoundsObserver(registry),
    pushes: createPushObserver(registry),
    admission: createMeasureAdmission(registry, countRefusal),
    countRefusal,
    watchDelivery() {
      const begun = clock.now();
      return (event) => {
        const at = timeOf(event);
        if (at !== undefined && at >= begun) lag.observe((clock.now() - at) / 1_000);
      };
    },
    watchServer: gauges.watch,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** When an event of a log was committed; undefined for everything else, which nobody committed. */
const timeOf = (event: unknown): number | undefined =>
  typeof event === 'object' &&
  event !== null &&
  'type' in event &&
  event.type === 'log' &&
  'at' in event &&
  typeof event.at === 'number'
    ? event.at
    : undefined;

function createRefusals(registry: Registry): CountRefusal {
  const refusals = new Counter({
    name: 'parley_refusals_total',
    help: 'How often somebody met a limit, by the name of the limit.',
    labelNames: ['by'],
    registers: [registry],
  });
  return (by) => refusals.inc({ by });
}

function createObserver(registry: Registry): StreamObserver {
  const registers = [registry];
  const repairs = new Counter({
    name: 'parley_hub_repairs_total',
    help: 'Reads of the log that made up for hints, by cause: gap, attach, reconnect, echo, cache, poll.',
    labelNames: ['cause'],
    registers,
  });
  const resets = new Counter({
    name: 'parley_resets_total',
    help: 'How often a client was told to read something again, by reason.',
    labelNames: ['reason'],
    registers,
  });
  return {
    onRepair: (cause) => repairs.inc({ cause }),
    onReset: (reason) => resets.inc({ reason }),
  };
}

function createGauges(registry: Registry): { watch(counts: () => ServerCounts): void } {
  let countsNow: (() => ServerCounts) | undefined;
  const gauge = (name: string, help: string, pick: (counts: ServerCounts) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        if (countsNow) this.set(pick(countsNow()));
      },
    });
  gauge('parley_sockets_open', 'WebSockets that are open.', ({ sockets, streams }) =>
    Math.max(0, sockets - streams),
  );
  gauge(
    'parley_event_streams_open',
    'Streams over server-sent events that are open.',
    ({ streams }) => streams,
  );
  gauge(
    'parley_sockets_pending',
    'Sockets that are not acknowledged yet.',
    ({ pendingSockets }) => pendingSockets,
  );
  gauge(
    'parley_socket_operations',
    'Operations that run on sockets, subscriptions included.',
    ({ operations }) => operations,
  );
  gauge(
    'parley_socket_buffered_bytes',
    'Bytes that wait to be sent to sockets.',
    ({ bufferedBytes }) => bufferedBytes,
  );
  gauge(
    'parley_people_connected',
    'People who are connected to this server, on however many devices.',
    ({ people }) => people.connected,
  );
  gauge(
    'parley_people_watched',
    'People of whom somebody on this server watches whether they are there.',
    ({ people }) => people.watched,
  );
  return {
    watch(counts) {
      countsNow = counts;
    },
  };
}
