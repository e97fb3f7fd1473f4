import { isStartError } from '../prisma/start-error.ts';
import { type Config, readConfig } from './config.ts';
import { onStopSignal } from './stop-signals.ts';

/** What a command of an operator works with. */
export type Command = {
  readonly config: Config;
  /** A line of the result, on standard output. */
  readonly say: (line: string) => void;
  /** A line about how it goes, on standard error. */
  readonly tell: (line: string) => void;
  /** Aborts when the command shall stop. */
  readonly signal: AbortSignal;
};

/** As of a shell: stopped by a signal. */
const stoppedCode = 130;
const usageCode = 2;

/**
 * Runs a command of an operator to its end, which is that of the process. Exit code 0: done; 1: not done, and the last line on
 * standard error says why and what to do; 2: called in a wrong way; 130: stopped by a signal, and nothing was changed.
 */
export async function runCommand(usage: string, work: (command: Command) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  onStopSignal(
    () => stopping.abort(),
    () => process.exit(stoppedCode),
  );
  try {
    await work({ config: readConfig(), say, tell, signal: stopping.signal });
    process.exit(0);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(stoppedCode);
    if (isWrongCall(error)) tell(`${error.message}\n\n${usage}`);
    else tell(isStartError(error) ? error.message : String(error instanceof Error ? error.stack : error));
    process.exit(isWrongCall(error) ? usageCode : 1);
  }
}

/** Called in a way that the usage does not know. */
export const wrongCall = (message: string): Error =>
  Object.assign(new Error(message), { code: 'ERR_PARSE_ARGS' });

const isWrongCall = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('ERR_PARSE_ARGS');

const everyMs = 2_000;

/** Tells how many rows are done, but not more often than every two seconds. */
export function progress(tell: Command['tell'], verb: string): (rows: number) => void {
  let toldAt = performance.now();
  return (rows) => {
    if (performance.now() - toldAt < everyMs) return;
    toldAt = performance.now();
    tell(`${rows.toLocaleString('en')} rows ${verb} …`);
  };
}
