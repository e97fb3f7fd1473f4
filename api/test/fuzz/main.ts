import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { runFuzz } from './run-fuzz.ts';

const usage = `npm run fuzz -- [--json] [--frames 1000000] [--seed N]

Feeds a server of its own, on an empty data folder, random bytes and mutated frames of graphql-transport-ws, over many sockets,
while a client that does nothing wrong goes on beside them. Ends with 0 when the server did not crash and nothing was left.

  --json       one line of JSON on standard output
  --frames N   how many are sent
  --seed N     decides what is in them; a random one is taken and printed when it is not given
  --seconds N  ends with 1 when it takes longer
  --from dist  the built server; source: the same from its sources
`;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  frames: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
  /** A million frames take a quarter of an hour on two cores that have nothing else to do. */
  seconds: { type: 'string', default: '14400' },
  from: { type: 'string', default: 'dist' },
} as const;

const complain = (words: string) => process.stderr.write(`${words}\n`);

function wholeIn(values: Readonly<Record<string, unknown>>, name: string, least: number): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} is a whole number of at least ${least}.`);
  return number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.from !== 'dist' && values.from !== 'source') throw new Error('--from is dist or source.');
  const seed = wholeIn(values, 'seed', 0);
  const frames = wholeIn(values, 'frames', 10);
  const seconds = wholeIn(values, 'seconds', 1);
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort(`ended by ${name}`));
  setTimeout(() => ending.abort(`took longer than ${seconds} s`), seconds * 1_000).unref();
  complain(`Seed ${seed}.`);
  const folder = await makeTempFolder();
  try {
    const DATA_DIR = join(folder.path, 'data');
    await mkdir(DATA_DIR);
    const report = await runFuzz({
      frames,
      seed,
      from: values.from,
      folder: folder.path,
      settings: { DATA_DIR },
      onProgress: complain,
      signal: ending.signal,
    });
    for (const words of [...report.crashes, ...report.leaks]) complain(words);
    const counted = { ...report, crashes: report.crashes.length, leaks: report.leaks.length, seed };
    const lines = Object.entries(counted).map(([name, value]) => `${name.padEnd(10)}${value}`);
    process.stdout.write(`${values.json ? JSON.stringify(counted) : lines.join('\n')}\n`);
    return counted.crashes + counted.leaks === 0 ? 0 : 1;
  } finally {
    await folder.remove();
  }
}

try {
  process.exitCode = await main();
} catch (problem) {
  complain(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
}
