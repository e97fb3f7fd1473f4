import { type HostileOptions, runHostile, usualMs } from './run-hostile.ts';
import { complaintsOf } from './verdict.ts';

/** What `npm run chaos -- --hostile` is told. */
export type HostileFlags = Pick<HostileOptions, 'from' | 'signal'> & {
  readonly isJson: boolean;
  /** So long all of them are there; ten minutes when not said. */
  readonly ms?: number;
  /** So long only normal readers are there, before; a fifth of that when not said. */
  readonly baselineMs?: number;
};

const complain = (words: string) => void process.stderr.write(`${words}\n`);

/** Runs it, prints its line, and what was not kept on standard error. Resolves with the exit code: 0 when everything was. */
export async function mainHostile({ isJson, ms = usualMs.ms, ...flags }: HostileFlags): Promise<number> {
  const { baselineMs = ms / 5 } = flags;
  const run = await runHostile({
    ...flags,
    ms,
    baselineMs,
    settles: true,
    onProgress: complain,
    onLog: complain,
  });
  const lines = Object.entries(run).map(([name, value]) => `${name.padEnd(20)}${value}`);
  process.stdout.write(`${isJson ? JSON.stringify(run) : lines.join('\n')}\n`);
  const complaints = complaintsOf(run);
  for (const words of complaints) complain(words);
  return complaints.length === 0 ? 0 : 1;
}
