import { type Config, readConfig } from './config.ts';
import { keepDemo } from './demo-door.ts';
import { greeting } from './greeting.ts';
import { readWebDemo } from './http/web-demo-build.ts';
import { createLog } from './log.ts';
import { readManifest } from './manifest.ts';
import { openMetrics } from './metrics/open-metrics.ts';
import { openPlatform } from './platform.ts';
import { openServer } from './server.ts';
import { startProblemOf } from './start-problem.ts';
import { onStopSignal } from './stop-signals.ts';
import { openStorage } from './storage.ts';
import { createWayOut } from './way-out.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (problem: string) => process.stderr.write(`${problem}\n`);

/** With the embedded database all is on this computer; to a remote one the last sends may take 5 s (see `Stream.close`). */
const closeMs = (config: Config) => config.DRAIN_SECONDS * 1_000 + (config.isEmbedded ? 2_900 : 8_000);

function run(config: Config): void {
  const logger = createLog(config.LOG_LEVEL);
  const { keep, leave } = createWayOut({
    logger,
    withinMs: closeMs(config),
    exit: (code) => process.exit(code),
  });

  const start = async () => {
    const onEnd = () => {
      logger.fatal('the embedded PostgreSQL has ended');
      leave(1);
    };
    const webDemo = await readWebDemo(config);
    const manifest = readManifest(config, webDemo);
    const storage = keep(await openStorage(config, { logger, onEnd, onNotice: say }));
    const metrics = await openMetrics(config, logger, manifest?.texts.values());
    if (metrics) keep(metrics);
    const opened = keep(await openPlatform({ ...config, metrics }, storage, logger));
    const demo = await keepDemo(opened.product, config.DEMO);
    const { isReady } = storage;
    const server = keep(await openServer({ ...opened, demo, webDemo, metrics, manifest, isReady }, config));
    const words = {
      isDemo: demo !== undefined,
      isWebDemo: webDemo !== undefined,
      documents: manifest?.documents.size,
    };
    for (const line of greeting(config, { ...storage, ...server, ...metrics, ...words })) say(line);
  };
  const starting = start().catch((error: unknown) => {
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

try {
  run(readConfig());
} catch (error) {
  complain(startProblemOf(error) ?? String(error));
  process.exitCode = 1;
}
