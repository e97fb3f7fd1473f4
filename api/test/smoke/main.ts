import { parseArgs } from 'node:util';
import { readLogName } from '../cluster/log-name.ts';
import { deliveredTo, isClean, judge } from './judge.ts';
import { latencyOf } from './latency.ts';
import { fullSize } from './plan.ts';
import { runSmoke, type SmokeOptions, type SmokeRun } from './run-smoke.ts';
import { createSabotage, isTrickName, trickNames } from './sabotage.ts';

const usage = `npm run smoke -- [--json] [--messages 2000] [--seed 1] [--cluster [--redis] [--log cassandra]]

Runs people and devices against a server of its own on an empty data folder, cuts their sockets, kills the server, and compares
what everybody was told with the log, while they write, edit, delete, read, come and go. Ends with 0 when nothing was lost, duplicated,
reordered, skipped, reset or leaked, and nobody is shown another count of unread messages than there are.

  --json         one line of JSON on standard output
  --messages N   how many are sent
  --people N --channels N --kills N   how large it is
  --seed N       decides who sends what where, and what is cut
  --seconds N    ends with 1 when it takes longer
  --from dist    the built server; source: the same from its sources
  --cluster      several servers behind HAProxy, each killed and drained, and what they stand on restarted
  --redis        with a Redis, wiped, paused, cut off and killed; --servers N: how many servers (3; 1 without Redis)
  --log cassandra  with messages in a Cassandra, which is killed and paused, too
  --sabotage A,B spoils what the server says, to see that this is noticed: ${trickNames.join(', ')}, or all
`;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  messages: { type: 'string', default: String(fullSize.messages) },
  people: { type: 'string', default: String(fullSize.people) },
  channels: { type: 'string', default: String(fullSize.channels) },
  kills: { type: 'string' },
  cluster: { type: 'boolean', default: false },
  redis: { type: 'boolean', default: false },
  servers: { type: 'string' },
  log: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seconds: { type: 'string', default: '300' },
  from: { type: 'string', default: 'dist' },
  sabotage: { type: 'string', default: '' },
} as const;

const complain = (words: string) => process.stderr.write(`${words}\n`);

/** A whole number of at least 0, or an error that names the flag. */
function wholeIn(values: Readonly<Record<string, unknown>>, name: string, least = 0): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} is a whole number of at least ${least}.`);
  return number;
}

/** Two rounds of everything that can happen to it. */
const troublesOf = ({ log }: NonNullable<SmokeOptions['cluster']>) => (log === 'cassandra' ? 18 : 14);

type ClusterFlags = {
  readonly cluster: boolean;
  readonly redis: boolean;
  readonly servers?: string | undefined;
  readonly log?: string | undefined;
};

function clusterIn({
  cluster,
  redis: isRedis,
  servers,
  log,
}: ClusterFlags): SmokeOptions['cluster'] | undefined {
  if (!cluster) {
    if (isRedis || servers !== undefined || log !== undefined)
      throw new Error('--redis, --servers and --log belong to --cluster.');
    return undefined;
  }
  const ofServers = { servers: servers ?? (isRedis ? 3 : 1) };
  return { isRedis, log: readLogName(log ?? 'postgres'), servers: wholeIn(ofServers, 'servers', 1) };
}

function readFlags() {
  const { values } = parseArgs({ options });
  const names =
    values.sabotage === 'all' ? trickNames : values.sabotage.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !isTrickName(name));
  if (unknown !== undefined)
    throw new Error(`--sabotage knows ${trickNames.join(', ')} and all, not ${unknown}.`);
  if (values.from !== 'dist' && values.from !== 'source') throw new Error('--from is dist or source.');
  const from: 'dist' | 'source' = values.from;
  const cluster = clusterIn(values);
  const kills = values.kills ?? String(cluster ? troublesOf(cluster) : fullSize.kills);
  return {
    json: values.json,
    help: values.help,
    from,
    ...(cluster && { cluster }),
    tricks: names.filter(isTrickName),
    seed: wholeIn(values, 'seed'),
    seconds: wholeIn(values, 'seconds', 1),
    size: {
      people: wholeIn(values, 'people', 2),
      channels: wholeIn(values, 'channels', 1),
      messages: wholeIn(values, 'messages', 1),
      kills: wholeIn({ kills }, 'kills'),
    },
  };
}

/** What a run found, as it is printed. */
function reportOf({ history, troubles, seconds }: SmokeRun) {
  return {
    acked: history.sent.filter(({ acknowledged }) => acknowledged !== undefined).length,
    delivered: deliveredTo(history.devices),
    ...judge(history),
    ...latencyOf(history.sent),
    ...troubles,
    seconds: Math.round(seconds * 10) / 10,
  };
}

function print(report: ReturnType<typeof reportOf>, asJson: boolean): void {
  const lines = Object.entries(report).map(([name, value]) => `${name.padEnd(18)}${value}`);
  process.stdout.write(`${asJson ? JSON.stringify(report) : lines.join('\n')}\n`);
}

async function main(): Promise<number> {
  const flags = readFlags();
  if (flags.help) {
    process.stdout.write(usage);
    return 0;
  }
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => ending.abort(`ended by ${signal}`));
  process.on('uncaughtException', (problem) => {
    complain(problem.stack ?? problem.message);
    ending.abort('ended by a mistake in here'); // which the server must not outlive
  });
  setTimeout(() => ending.abort(`took longer than ${flags.seconds} s`), flags.seconds * 1_000).unref();
  const run = await runSmoke({
    ...flags,
    signal: ending.signal,
    ...(flags.tricks.length > 0 && { rewrite: createSabotage(flags.tricks) }),
    onProgress: complain,
  }).catch((problem: unknown) => {
    ending.abort('has failed'); // whoever still repeats something does so no more
    throw problem;
  });
  const report = reportOf(run);
  print(report, flags.json);
  return isClean(judge(run.history)) && !ending.signal.aborted ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (problem) {
  complain(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
}
