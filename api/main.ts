import { openWorking } from '../workers/open-working.ts';
import type { Config } from './config.ts';
import { keepDemo } from './demo-door.ts';
import { greeting } from './greeting.ts';
import { readWebDemo } from './http/web-demo-build.ts';
import { readManifest } from './manifest.ts';
import { type Running, runProcess } from './run-process.ts';
import { openServer } from './server.ts';

/** What a server serves is known before anything is opened. */
async function prepare(config: Config) {
  const webDemo = await readWebDemo(config);
  const manifest = readManifest(config, webDemo);
  return { webDemo, manifest, documents: manifest?.texts.values() };
}

async function start(
  { config, storage, metrics, opened, keep, say }: Running,
  { webDemo, manifest }: Awaited<ReturnType<typeof prepare>>,
): Promise<void> {
  if (config.WORKER) keep(await openWorking(opened.product, { finishMs }));
  const demo = await keepDemo(opened.product, config.DEMO);
  const { isReady } = storage;
  const server = keep(await openServer({ ...opened, demo, webDemo, metrics, manifest, isReady }, config));
  const words = {
    isDemo: demo !== undefined,
    isWebDemo: webDemo !== undefined,
    documents: manifest?.documents.size,
  };
  for (const line of greeting(config, { ...storage, ...server, ...metrics, ...words })) say(line);
}

/** Pushes are waited for so long at a stop, in milliseconds; one that was not answered by then is sent again at the next start. */
const finishMs = 2_000;
/** With the embedded database all is on this computer; to a remote one the last sends may take 5 s (see `Stream.close`). */
const closeMs = (config: Config) =>
  config.DRAIN_SECONDS * 1_000 + finishMs + (config.isEmbedded ? 2_900 : 8_000);

runProcess({ prepare, start, closeMs });
