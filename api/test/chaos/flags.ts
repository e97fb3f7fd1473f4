import { parseArgs } from 'node:util';
import { type LogName, readLogName } from '../cluster/log-name.ts';
import { usualSize } from './load/options.ts';
import { type BugName, bugNames } from './test-build/bugs.ts';
import { faultsNamed } from './trouble/all-faults.ts';
import type { Fault } from './trouble/fault.ts';

export const usage = `npm run chaos -- [--minutes 3] [--seed 1] [--log postgres|cassandra] [--faults A,B] [--json]

Runs three servers and two workers over PostgreSQL, Redis and, with --log cassandra, Cassandra. 60 people write, edit, delete, read,
come and go on them, while every few seconds something is killed, paused, cut off or slowed down. In the end everything is read back, and a
checker compares what everybody was told with it. Ends with 0 when no promise was broken.

  --json           one line of JSON on standard output
  --minutes N      so long something breaks
  --seed N         decides what people do, and what breaks when
  --log NAME       where messages are; --redis is taken, and is always there
  --faults A,B     only these, by name or by how names begin: redis, server-kill
  --people N --channels N --servers N --workers N   how large it is
  --history FILE   everything that happened, as JSON lines
  --no-resources   does not wait to compare what processes hold in the end
  --bug NAME       with this bug in the servers: it must be found, and the run ends with 1
  --bugs           with each of the bugs, until it is found; ends with 0 when all were. --bug NAME,NAME: with these
  --from dist      the built servers; source: the same from their sources
`;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '3' },
  seed: { type: 'string', default: '1' },
  log: { type: 'string', default: 'postgres' },
  redis: { type: 'boolean', default: true },
  faults: { type: 'string', default: '' },
  people: { type: 'string', default: String(usualSize.people) },
  channels: { type: 'string', default: String(usualSize.channels) },
  servers: { type: 'string', default: '3' },
  workers: { type: 'string', default: '2' },
  history: { type: 'string' },
  'no-resources': { type: 'boolean', default: false },
  bug: { type: 'string', default: '' },
  bugs: { type: 'boolean', default: false },
  from: { type: 'string', default: 'dist' },
} as const;

export type Flags = {
  readonly isHelp: boolean;
  readonly isJson: boolean;
  readonly ms: number;
  readonly seed: number;
  readonly log: LogName;
  readonly faults: readonly Fault[];
  readonly size: { readonly people: number; readonly channels: number };
  readonly servers: number;
  readonly workers: number;
  readonly history: string | undefined;
  readonly comparesResources: boolean;
  readonly bugs: readonly BugName[];
  /** Each until it is found, instead of one run. */
  readonly isBugHunt: boolean;
  readonly from: 'dist' | 'source';
};

type Values = Readonly<Record<string, unknown>>;

/** A number of at least that, or an error that names the flag. */
function numberIn(
  values: Values,
  name: string,
  { least, isWhole }: { least: number; isWhole: boolean },
): number {
  const number = Number(values[name]);
  if (!Number.isFinite(number) || number < least || (isWhole && !Number.isSafeInteger(number)))
    throw new Error(`--${name} is a ${isWhole ? 'whole ' : ''}number of at least ${least}.`);
  return number;
}

/** Throws with a sentence that says what to write instead. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({ options, args: [...args] });
  const whole = (name: string, least: number) => numberIn(values, name, { least, isWhole: true });
  if (values.from !== 'dist' && values.from !== 'source') throw new Error('--from is dist or source.');
  const from: 'dist' | 'source' = values.from;
  return {
    ...{ isHelp: values.help, isJson: values.json, history: values.history, from },
    ms: numberIn(values, 'minutes', { least: 0.1, isWhole: false }) * 60_000,
    seed: whole('seed', 0),
    log: readLogName(values.log),
    faults: faultsNamed(namesIn(values.faults)),
    size: { people: whole('people', 8), channels: whole('channels', 2) },
    ...{ servers: whole('servers', 1), workers: whole('workers', 1) },
    comparesResources: !values['no-resources'],
    bugs: values.bugs ? bugNames : namesIn(values.bug).map(readBugName),
    isBugHunt: values.bugs || values.bug.includes(','),
  };
}

const namesIn = (list: string) => list.split(',').filter((name) => name !== '');

function readBugName(name: string): BugName {
  const found = bugNames.find((one) => one === name);
  if (found === undefined) throw new Error(`--bug knows ${bugNames.join(', ')}, not ${name}.`);
  return found;
}
