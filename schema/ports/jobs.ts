import type { ChannelId, DeviceId, UserId } from '../ids.ts';

/** Every kind of job, with what it is told. Plain data; ids as clients see them. */
export type JobPayloads = {
  /** Something was said in a channel: decide whom to notify. */
  readonly wakeChannel: { readonly channelId: ChannelId };
  /** Bring what a device shows of a channel up to date: send what is due, or look again later. */
  readonly sendPush: { readonly deviceId: DeviceId; readonly channelId: ChannelId };
  /** Somebody has read a channel: withdraw what their other devices show of it. */
  readonly clearPush: { readonly userId: UserId; readonly channelId: ChannelId };
  /** Repair what other jobs were lost, and let go of what is old. */
  readonly sweep: { readonly [nothing: string]: never };
};
export type JobName = keyof JobPayloads;
export type JobHandlers = { readonly [N in JobName]: (payload: JobPayloads[N]) => Promise<void> };

export type Job = {
  readonly [N in JobName]: {
    readonly name: N;
    readonly payload: JobPayloads[N];
    /**
     * Of jobs with one name and key that wait, there is one: this one is dropped when another waits already, also one that is to
     * wait for longer. So what is to be looked at again later has a key of its own.
     */
    readonly key: string;
    /** Not before so long, in milliseconds; 0 without it. */
    readonly delayMs?: number;
  };
}[JobName];

/** At a close, jobs that run are waited for so long, in milliseconds, if nothing else is said: two sends to a push service that does not answer. */
export const finishMs = 22_000;
/** A job that rejects is tried again so often, later each time, and then left to the sweep. */
export const maxTries = 5;
/** Between the first two tries of a job, in milliseconds; twice as long each time after that. */
export const retryMs = 1_000;

/** `finishMs`: as above, less where whoever stops the process is not to wait. */
export type WorkOptions = { readonly atOnce: number; readonly finishMs?: number };
/** `close`: takes no more jobs and waits for those that run, for `finishMs` at most; what was not finished is done by another worker. */
export type Working = { close(): Promise<void> };

/**
 * Work that nobody waits for. **A hint**: a job is done at least once, by whatever process works, but all jobs that wait may be
 * lost together with the store behind them. So what a job is about stands in rows, and the sweep finds what has no job any more.
 *
 * Of one name and key one is done at a time. One whose worker died is done again by another, after some 15 seconds; so is one whose
 * worker stood still for as long, and then it is done twice, even at once.
 */
export interface Jobs {
  /**
   * Resolves when they wait. Rejects when the store does not answer: they may wait, or not. A job that is being done already
   * does not count as one that waits: whatever was written before this call is seen by a handler that begins after it. Of those that
   * are added while one of their name and key is being done the last one is kept: it waits from the end of that one.
   */
  add(jobs: readonly Job[]): Promise<void>;
  /**
   * Has this done now, and again so long after each time, whoever works and however many processes order it. A restart neither
   * ends nor repeats it: where one waits already it is due when that is. Another `everyMs` counts from the next time on. Rejects
   * when the store does not answer; the order stands all the same, until this process ends, also when the store loses everything.
   */
  repeat(job: Job, everyMs: number): Promise<void>;
  /**
   * Does jobs here, so many at once, until it is closed. A handler that rejects is called again, at most `maxTries` times in all.
   * Rejects when the store does not answer; one that is away later is waited for.
   */
  work(handlers: JobHandlers, options: WorkOptions): Promise<Working>;
  /**
   * How many wait, those with a delay included but not those whose name and key is being done, and how many are being done; by all
   * workers together. Rejects when the store does not answer.
   */
  counts(): Promise<{ readonly waiting: number; readonly running: number }>;
  /** Closes what works here, then lets go of everything. Jobs that wait stay in the store. */
  close(): Promise<void>;
}

/** Of jobs in one slot one waits. */
export const slotOf = ({ name, key }: Pick<Job, 'name' | 'key'>): string => `${name} ${key}`;

/** Gives a job to the handler of its name. */
export function doJob(handlers: JobHandlers, job: Job): Promise<void> {
  switch (job.name) {
    case 'wakeChannel':
      return handlers.wakeChannel(job.payload);
    case 'sendPush':
      return handlers.sendPush(job.payload);
    case 'clearPush':
      return handlers.clearPush(job.payload);
    case 'sweep':
      return handlers.sweep(job.payload);
  }
}
