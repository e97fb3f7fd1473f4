import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAppend, ratioGoal } from './append.ts';
import { isStoreName, openTwins, storeNames } from './append-twins.ts';
import { crossGoals, measureCross } from './cross.ts';
import { deliver } from './deliver.ts';
import { goals, measureIdle } from './idle.ts';
import { measureFloor } from './idle-floor.ts';
import { type Measured, measure, type Soaked, soak } from './measure.ts';
import { watchStolen } from './process-cost.ts';
import { measurePush, pushGoals } from './push.ts';
import { firstScreen, historyPage } from './query.ts';
import type { Scenario } from './scenario.ts';
import { sendOver } from './send.ts';
import { openStage, raisedSettings } from './stage.ts';

const usage = `npm run bench -- <send | deliver | query | idle | cross | append | push> [--json]

Measures a built server in a process of its own, on the embedded PostgreSQL, with the clients in another process.
Goals on two cores: query at least 250 first screens and 400 pages per second; idle at most ${goals.rssKbPerSocket} KB of memory for
each socket, and ${goals.cpuMicrosPerSocketSecond} µs of processor time in each second. \`cross\` is two servers on one PostgreSQL and one Redis: what one
person says is with the other within ${crossGoals.messages} ms, where they have read up to within ${crossGoals.positions} ms, 99 times of 100.
\`append\` is the event log alone, in the process of the bench, in turn with the bare statements: at least ${ratioGoal} of their speed.
\`push\` is what one core sends through the drivers to services on this computer: at least ${pushGoals.web} notes a second by Web Push, ${pushGoals.apns} to APNs.

  --json         one line of JSON on standard output
  --runs N       how many, after a warm-up; the median counts, the spread is told (5)
  --seconds N    how long each is (4; cross 45; append 2; idle 12, in which each socket is pinged once)
  --minutes N    one long run instead, to see whether memory stays flat; only for send, deliver and query
  --sockets N    for idle, how many there are (10000)
  --log STORE    for append: ${storeNames.join(', ')} (postgres). PostgreSQL is that of DATABASE_URL, else the embedded one
  --profile DIR  leaves a profile of the server's processor time there
`;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  runs: { type: 'string', default: '5' },
  seconds: { type: 'string' },
  sockets: { type: 'string', default: '10000' },
  log: { type: 'string', default: 'postgres' },
  minutes: { type: 'string' },
  profile: { type: 'string' },
} as const;

const complain = (words: string) => process.stderr.write(`${words}\n`);
const usualWarmUpSeconds = 3;

function numberIn(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0) throw new Error(`--${name} is a number above 0.`);
  return number;
}

type Flags = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

async function runScenario(scenario: Scenario, flags: Flags): Promise<Measured | Soaked> {
  complain(`${scenario.name} …`);
  const stage = await openStage({ scenario, profileFolder: flags.profile });
  try {
    if (flags.minutes !== undefined)
      return await soak(stage, { minutes: numberIn('minutes', flags.minutes), onProgress: complain });
    const { warmUpSeconds = usualWarmUpSeconds } = scenario;
    const [runs, secondsPerRun] = [numberIn('runs', flags.runs), numberIn('seconds', flags.seconds ?? '4')];
    const measured = await measure(stage, { warmUpSeconds, runs, secondsPerRun, onProgress: complain });
    await stage.load.close();
    return { ...measured, ...(await stage.look()) };
  } finally {
    await stage.close();
  }
}

const scenarios =
  (...all: readonly Scenario[]) =>
  async (flags: Flags): Promise<object[]> => {
    const results: object[] = [];
    for (const scenario of all) {
      const { name: of, load } = scenario;
      results.push({ scenario: of, ...load, ...(await runScenario(scenario, flags)) });
    }
    return results;
  };

async function idle(flags: Flags): Promise<object[]> {
  const options = {
    sockets: numberIn('sockets', flags.sockets),
    runs: numberIn('runs', flags.runs),
    secondsPerRun: numberIn('seconds', flags.seconds ?? '12'),
    profileFolder: flags.profile,
    onProgress: complain,
  };
  const floor = await measureFloor(options);
  const measured = await measureIdle(options);
  return [{ scenario: 'idle sockets, each with a subscription to events', ...measured, floor }];
}

async function cross(flags: Flags): Promise<object[]> {
  const [runs, secondsPerRun] = [numberIn('runs', flags.runs), numberIn('seconds', flags.seconds ?? '45')];
  const stolen = await watchStolen();
  const measured = await measureCross({ runs, secondsPerRun, onProgress: complain });
  const scenario = 'two people on two servers, 200 messages a second';
  return [{ scenario, stolenPercent: await stolen(), ...measured }];
}

async function append(flags: Flags): Promise<object[]> {
  if (!isStoreName(flags.log)) throw new Error(`--log is one of ${storeNames.join(', ')}.`);
  const [runs, secondsPerRun] = [numberIn('runs', flags.runs), numberIn('seconds', flags.seconds ?? '2')];
  const twins = await openTwins(flags.log);
  try {
    const all = await measureAppend(twins, { runs, secondsPerRun, onProgress: complain });
    return all.map((measured) => ({ scenario: `appends to the log in ${flags.log}`, ...measured }));
  } finally {
    await twins.close();
  }
}

async function push(flags: Flags): Promise<object[]> {
  const [runs, secondsPerRun] = [numberIn('runs', flags.runs), numberIn('seconds', flags.seconds ?? '4')];
  return measurePush({ runs, secondsPerRun, onProgress: complain });
}

/** Each gives its results, one for each thing that it measures. */
const benches: Readonly<Record<string, (flags: Flags) => Promise<object[]>>> = {
  send: scenarios(sendOver(1), sendOver(50)),
  deliver: scenarios(deliver),
  query: scenarios(firstScreen, historyPage),
  idle,
  cross,
  append,
  push,
};

const lean = 'lean, in a process of its own on the same cores: finished frames and requests, nothing parsed';
const stock = 'stock graphql-ws, everybody in the process of the bench on the same cores';
/** What is to be known of those that load a server. */
const loadOf = (name: string) => ({ client: name === 'cross' ? stock : lean, raisedSettings });

async function main(): Promise<number> {
  const { values: flags, positionals } = parseArgs({ options, allowPositionals: true });
  const [name = ''] = positionals;
  const run = benches[name];
  if (flags.help || run === undefined) {
    process.stdout.write(usage);
    return flags.help ? 0 : 1;
  }
  const results = await run(flags);
  const report = {
    bench: name,
    cores: availableParallelism(),
    node: process.version,
    ...(!['append', 'push'].includes(name) && loadOf(name)),
    results,
  };
  process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, undefined, 2)}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (problem) {
  complain(problem instanceof Error ? problem.message : String(problem));
  process.exitCode = 1;
}
