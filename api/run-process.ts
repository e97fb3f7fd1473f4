import type { Logger } from 'pino';
import { type Config, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { type OpenMetrics, openMetrics } from './metrics/open-metrics.ts';
import { type Opened, type OpenStream, openPlatform } from './platform.ts';
import { startProblemOf } from './start-problem.ts';
import { onStopSignal } from './stop-signals.ts';
import { openStorage, type Storage } from './storage.ts';
import { createWayOut, type WayOut } from './way-out.ts';

/** What every process of Parley stands on. */
export type Running = {
  readonly config: Config;
  readonly logger: Logger;
  readonly storage: Storage;
  readonly metrics: OpenMetrics | undefined;
  readonly opened: Opened;
  /** What is kept is closed at the end, the newest first. */
  readonly keep: WayOut['keep'];
  /** Tells a line to whoever started it. */
  readonly say: (line: string) => void;
};

/** What a process is for. */
export type Purpose<Prepared> = {
  /** What can be found wrong before anything is opened. Documents count among the metrics by their names. */
  readonly prepare: (config: Config) => Promise<Prepared & { readonly documents?: Iterable<string> }>;
  readonly start: (running: Running, prepared: Prepared) => Promise<void>;
  /** At a stop, everything it has opened is closed within so long, in milliseconds. */
  readonly closeMs: (config: Config) => number;
  /** For tests: see `PlatformSettings.openStream`. */
  readonly openStream?: OpenStream;
};

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (problem: string) => process.stderr.write(`${problem}\n`);

/**
 * The frame of a process, the same for servers and workers: its settings, its log, what it stands on, and one way out, whether it is
 * asked to stop, cannot start, or makes a mistake. What is wrong with the settings, or can be solved by whoever runs it, is told in words.
 */
export function runProcess<Prepared>(purpose: Purpose<Prepared>): void {
  try {
    run(readConfig(), purpose);
  } catch (error) {
    complain(startProblemOf(error) ?? String(error));
    process.exitCode = 1;
  }
}

function run<Prepared>(config: Config, { prepare, start, closeMs, openStream }: Purpose<Prepared>): void {
  const logger = createLog(config.LOG_LEVEL);
  const exit = (code: number) => process.exit(code);
  const { keep, leave } = createWayOut({ logger, withinMs: closeMs(config), exit });

  const begin = async () => {
    const onEnd = () => {
      logger.fatal('the embedded PostgreSQL has ended');
      leave(1);
    };
    const prepared = await prepare(config);
    const storage = keep(await openStorage(config, { logger, onEnd, onNotice: say }));
    const metrics = await openMetrics(config, logger, prepared.documents);
    if (metrics) keep(metrics);
    const opened = keep(await openPlatform({ ...config, metrics, openStream }, storage, logger));
    await start({ config, logger, storage, metrics, opened, keep, say }, prepared);
  };
  const starting = begin().catch((error: unknown) => {
    const problem = startProblemOf(error, config);
    if (problem === undefined) logger.fatal({ err: error }, 'the start failed');
    else complain(problem);
    leave(1);
  });

  onStopSignal(
    () => leave(0, starting),
    () => process.exit(130), // the watcher stops PostgreSQL
  );
  process.on('uncaughtException', (err) => {
    logger.fatal({ err }, 'a mistake of ours; what was acknowledged is safe');
    process.exit(1);
  });
}
