import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosProcess, ChaosStage } from '../stage.ts';

/** How a process is started just once: settings by the names in api/config.ts, and what Node itself is told, beside the usual. */
export type Start = NonNullable<Parameters<ChaosProcess['startAgain']>[0]>;

/** The server or worker of this name. */
export function processOf({ servers, workers }: ChaosStage, name: string): ChaosProcess {
  const found = [...servers, ...workers].find((process) => process.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}
export const namesOf = (processes: readonly ChaosProcess[]) => processes.map(({ name }) => name);

/** It starts in some seconds, and waits meanwhile for an engine that is broken as well, for half a minute at most. */
const wholeMs = 120_000;
const tryAgainMs = 300;
const answerMs = 5_000;

/** Resolves when it runs and is ready, and starts it as often as that takes, as a service manager does. Rejects with its last words. */
export async function makeWhole(process: ChaosProcess): Promise<void> {
  const deadline = Date.now() + wholeMs;
  let words = 'it runs, and is not ready';
  while (Date.now() < deadline) {
    try {
      await process.startAgain();
      if (await isReady(process)) return;
    } catch (error) {
      words = error instanceof Error ? error.message : String(error);
    }
    await pause(tryAgainMs);
  }
  throw new Error(`${process.name} is not ready after ${wholeMs / 1_000} seconds: ${words}`);
}

/** A worker has no such path; it answers who reads its metrics. */
const readyPaths = ['/readyz', '/metrics'];

/** Whether it says within so long that it is ready. */
export async function isReady({ port }: ChaosProcess, withinMs = answerMs): Promise<boolean> {
  const signal = AbortSignal.timeout(withinMs);
  for (const path of readyPaths) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status !== 404) return answer?.ok === true;
  }
  return false;
}

/** As `kill -9`, then started in another way. False when it does not start that way, whyever; it is down then. */
export async function restartOtherwise(process: ChaosProcess, start: Start): Promise<boolean> {
  await process.kill();
  return process.startAgain(start).then(
    () => true,
    () => false,
  );
}

/** Sends a signal. False when it does not run. */
export function signalTo(process: ChaosProcess, name: NodeJS.Signals): boolean {
  const pid = process.pid();
  if (pid === undefined) return false;
  try {
    return globalThis.process.kill(pid, name);
  } catch {
    return false; // it has just ended
  }
}

const lookMs = 25;

/** Resolves with true when it has ended by itself, with false at the signal. */
export async function hasEnded(process: ChaosProcess, signal: AbortSignal): Promise<boolean> {
  while (process.pid() !== undefined) {
    if (signal.aborted) return false;
    await pause(lookMs);
  }
  return true;
}
