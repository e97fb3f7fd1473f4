import { parseArgs } from 'node:util';
import { readLogName } from '../cluster/log-name.ts';
import { isClean } from './judge.ts';
import { runOracle } from './run-oracle.ts';

const usage = `npm run push:oracle -- [--json] [--seed 1] [--users 200] [--devices 500] [--messages 20000]

Plays people against servers and workers of its own, with push services and devices behind them: they talk, look in, read, mute, want
not to be disturbed, come and go, while workers, Redis and PostgreSQL are killed. Then says for each message and device whether it was to
be told of it, by what it saw from outside and by no code of the product, and compares. Ends with 0 when nothing was missed, unwanted,
doubled, leaked or left standing.

  --json         one line of JSON on standard output
  --seed N       decides who does what when
  --per-second N how many messages are sent in a second (20: two cores carry all of it)
  --no-trouble   nothing is killed
  --log cassandra  with messages in a Cassandra
  --seconds N    ends with 1 when it takes longer (1800)
  --from dist    what was built; source: the same from its sources
  --findings     each thing that was not as it should be, on standard error
`;

const options = {
  help: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  findings: { type: 'boolean', default: false },
  'no-trouble': { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  users: { type: 'string', default: '200' },
  devices: { type: 'string', default: '500' },
  messages: { type: 'string', default: '20000' },
  'per-second': { type: 'string', default: '20' },
  seconds: { type: 'string', default: '1800' },
  log: { type: 'string', default: 'postgres' },
  from: { type: 'string', default: 'dist' },
} as const;

const complain = (words: string) => process.stderr.write(`${words}\n`);
/** Of what is found wrong so much is shown: the first ones say what kind of thing it is. */
const mostFindings = 50;

function wholeIn(values: Readonly<Record<string, unknown>>, name: string, least = 1): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} is a whole number of at least ${least}.`);
  return number;
}

function readFlags() {
  const { values } = parseArgs({ options });
  if (values.from !== 'dist' && values.from !== 'source') throw new Error('--from is dist or source.');
  const from: 'dist' | 'source' = values.from;
  const users = wholeIn(values, 'users', 6);
  return {
    ...{ isHelp: values.help, isJson: values.json, showsFindings: values.findings, from },
    hasTrouble: !values['no-trouble'],
    log: readLogName(values.log),
    seed: wholeIn(values, 'seed', 0),
    seconds: wholeIn(values, 'seconds'),
    perSecond: wholeIn(values, 'per-second'),
    size: { users, devices: wholeIn(values, 'devices', users), messages: wholeIn(values, 'messages') },
  };
}

async function main(): Promise<number> {
  const flags = readFlags();
  if (flags.isHelp) {
    process.stdout.write(usage);
    return 0;
  }
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  const late = new Error(`took longer than ${flags.seconds} s`);
  setTimeout(() => ending.abort(late), flags.seconds * 1_000).unref();
  let findings = 0;
  const run = await runOracle({
    ...flags,
    signal: ending.signal,
    onProgress: (words) => complain(`${new Date().toISOString()} ${words}`),
    onFinding({ kind, what }) {
      findings += 1;
      if (flags.showsFindings || findings <= mostFindings) complain(`${kind}: ${what}`);
    },
  });
  const lines = Object.entries({ ...run, troubles: JSON.stringify(run.troubles) }).map(
    ([name, value]) => `${name.padEnd(14)}${value}`,
  );
  process.stdout.write(`${flags.isJson ? JSON.stringify(run) : lines.join('\n')}\n`);
  return isClean(run) && run.due > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (problem) {
  complain(problem instanceof Error ? (problem.stack ?? problem.message) : String(problem));
  process.exitCode = 1;
}
