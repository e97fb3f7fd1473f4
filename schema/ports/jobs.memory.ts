import type { Clock } from './clock.ts';
import {
  doJob,
  type Job,
  type JobHandlers,
  type JobName,
  type Jobs,
  maxTries,
  retryMs,
  slotOf,
  finishMs as usualFinishMs,
  type Working,
} from './jobs.ts';

type Waiting = { readonly job: Job; readonly dueAt: number; readonly tries: number };
type Settings = { readonly clock: Clock; readonly onFailure?: (failure: unknown, name: JobName) => void };
/** `nudge`: wakes it, to look again what is due. */
type Worker = {
  readonly handlers: JobHandlers;
  readonly atOnce: number;
  readonly finishMs: number;
  readonly running: Set<Promise<void>>;
  nudge: AbortController;
  isOver: boolean;
};

/** Nothing is due, and whatever is added wakes a worker: it could sleep for ever. */
const idleMs = 3_600_000;

/** In this process, and gone with it. */
export function openMemoryJobs({ clock, onFailure }: Settings): Jobs {
  const queue = createQueue(clock);
  const workers = new Set<Worker>();
  const wakeAll = () => {
    for (const worker of workers) worker.nudge.abort();
  };

  async function run({ job, tries }: Waiting, { handlers }: Worker): Promise<void> {
    try {
      await doJob(handlers, job);
      queue.end(job);
    } catch (failure) {
      onFailure?.(failure, job.name);
      queue.end(job, tries + 1);
    }
  }
  function startDue(worker: Worker): void {
    while (!worker.isOver && worker.running.size < worker.atOnce) {
      const one = queue.begin();
      if (one === undefined) return;
      const work: Promise<void> = run(one, worker).finally(() => {
        worker.running.delete(work);
        wakeAll();
      });
      worker.running.add(work);
    }
  }
  async function serve(worker: Worker): Promise<void> {
    while (!worker.isOver) {
      worker.nudge = new AbortController();
      startDue(worker);
      const isFull = worker.running.size >= worker.atOnce;
      await clock.sleep(isFull ? idleMs : queue.nextInMs(), worker.nudge.signal);
    }
  }
  async function finish(worker: Worker): Promise<void> {
    worker.isOver = true;
    worker.nudge.abort();
    workers.delete(worker);
    const late = new AbortController();
    await Promise.race([Promise.all(worker.running), clock.sleep(worker.finishMs, late.signal)]);
    late.abort();
  }

  return {
    async add(jobs) {
      for (const job of jobs) queue.add(job);
      wakeAll();
    },
    async repeat(job, everyMs) {
      queue.order(job, everyMs);
      wakeAll();
    },
    async work(handlers, { atOnce, finishMs = usualFinishMs }): Promise<Working> {
      const nudge = new AbortController();
      const worker: Worker = { handlers, atOnce, finishMs, running: new Set(), nudge, isOver: false };
      workers.add(worker);
      void serve(worker);
      return { close: () => finish(worker) };
    },
    counts: async () => queue.counts(),
    async close() {
      await Promise.all([...workers].map(finish));
      queue.clear();
    },
  };
}

/** What waits, and what is being done. */
function createQueue(clock: Clock) {
  const waiting = new Map<string, Waiting>();
  /** By the slots of what is being done: what is to be done in them next, if anything. */
  const running = new Map<string, Job | undefined>();
  const orders = new Map<string, number>();

  function wait(job: Job, delayMs = 0, tries = 0): void {
    const slot = slotOf(job);
    if (!waiting.has(slot)) waiting.set(slot, { job, dueAt: clock.now() + delayMs, tries });
  }
  function add(job: Job): void {
    const slot = slotOf(job);
    // One that waits to be tried again is one that waits: `end` puts it there.
    if (running.has(slot)) running.set(slot, job);
    else wait(job, job.delayMs);
  }
  return {
    add,
    order(job: Job, everyMs: number) {
      orders.set(slotOf(job), everyMs);
      if (!running.has(slotOf(job))) add(job);
    },
    /** One that is due; it is being done from now on. */
    begin(): Waiting | undefined {
      for (const [slot, one] of waiting) {
        if (one.dueAt > clock.now()) continue;
        waiting.delete(slot);
        running.set(slot, undefined);
        return one;
      }
      return undefined;
    },
    /** It was done, or rejected for the `failures`th time. */
    end(job: Job, failures = 0) {
      const slot = slotOf(job);
      const next = running.get(slot);
      running.delete(slot);
      if (failures > 0 && failures < maxTries) return wait(job, retryMs * 2 ** (failures - 1), failures);
      if (next) wait(next, next.delayMs);
      const everyMs = orders.get(slot);
      if (everyMs !== undefined) wait(job, everyMs);
    },
    nextInMs: () => Math.min(idleMs, ...[...waiting.values()].map(({ dueAt }) => dueAt - clock.now())),
    counts: () => ({ waiting: waiting.size, running: running.size }),
    clear() {
      waiting.clear();
      orders.clear();
    },
  };
}
