import { parseArgs } from 'node:util';
import { startProblemOf } from '../../start-problem.ts';
import { onStopSignal } from '../../stop-signals.ts';
import { readLogName } from './log-name.ts';
import { type Cluster, openCluster } from './open-cluster.ts';

const usage = `npm run cluster -- [--servers 3] [--workers 2] [--redis] [--log cassandra]

Starts several built servers behind HAProxy on this computer, over engines that they share: the PostgreSQL that comes along, with
--redis Debian's Redis, and with --log cassandra a Cassandra whose jars .ci/cassandra has fetched. Prints where everything is. Ctrl-C stops all of it, and nothing is kept.

  --servers N   how many (3); more than one need --redis
  --workers N   processes that only work, beside servers that then do not (0); they need --redis
  --redis       with Redis
  --log postgres  where messages are; cassandra: in a Cassandra
  --port N      where clients come (4000)
  --from dist   the built servers; source: the same from their sources
  --drain N     over how many seconds a server sends its sockets away when it is stopped (5)
`;

const options = {
  help: { type: 'boolean', default: false },
  servers: { type: 'string', default: '3' },
  redis: { type: 'boolean', default: false },
  port: { type: 'string', default: '4000' },
  drain: { type: 'string', default: '5' },
  log: { type: 'string', default: 'postgres' },
  from: { type: 'string', default: 'dist' },
  workers: { type: 'string', default: '0' },
} as const;

const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (problem: string) => process.stderr.write(`${problem}\n`);

function wholeIn(values: Readonly<Record<string, unknown>>, name: string, least: number): number {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} is a whole number of at least ${least}.`);
  return number;
}

function readFlags() {
  const { values } = parseArgs({ options });
  const servers = wholeIn(values, 'servers', 1);
  const workers = wholeIn(values, 'workers', 0);
  if (servers > 1 && !values.redis)
    throw new Error(
      'Several servers need Redis to tell each other what happens: add --redis, or --servers 1.',
    );
  if (workers > 0 && !values.redis)
    throw new Error('Workers need Redis to know who is active: add --redis, or leave out --workers.');
  if (values.from !== 'dist' && values.from !== 'source') throw new Error('--from is dist or source.');
  const from: 'dist' | 'source' = values.from;
  return {
    isHelp: values.help,
    from,
    servers,
    workers,
    isRedis: values.redis,
    log: readLogName(values.log),
    port: wholeIn(values, 'port', 1),
    settings: { DRAIN_SECONDS: String(wholeIn(values, 'drain', 0)) },
  };
}

/** What runs where, and how to try out what happens when it does not. */
function linesOf({ servers, workers, haproxy, redis, cassandra, url, databaseUrl }: Cluster): string[] {
  return [
    `Parley runs: ${url}`,
    ...(haproxy.tlsPort === undefined ? [] : [`The same by TLS: https://127.0.0.1:${haproxy.tlsPort}/`]),
    ...servers.map(({ name, httpUrl, pid }) => `${name}: ${httpUrl} (process ${pid()})`),
    ...workers.map(({ name, port, pid }) => `${name}: http://127.0.0.1:${port}/metrics (process ${pid()})`),
    `HAProxy's metrics: ${haproxy.operatorUrl}/metrics`,
    `PostgreSQL: ${databaseUrl}`,
    ...(redis ? [`Redis: ${redis.url}`] : []),
    ...(cassandra ? [`Cassandra: ${cassandra.contactPoint}`] : []),
    'Ctrl-C stops all of it.',
  ];
}

async function run(): Promise<void> {
  const { isHelp, ...flags } = readFlags();
  if (isHelp) {
    say(usage);
    return;
  }
  const opening = openCluster({ ...flags, onProgress: complain, onLog: complain });
  const close = async () => {
    const cluster = await opening.catch(() => undefined);
    if (cluster === undefined) return; // the end of this file says why
    const codes = await cluster.close();
    if (codes.some((code) => code !== 0))
      complain(`Servers and workers ended with exit codes ${codes.join(', ')}.`);
    process.exit(codes.every((code) => code === 0) ? 0 : 1);
  };
  onStopSignal(
    () => void close(),
    () => process.exit(130), // the keeper stops what is left
  );
  for (const line of linesOf(await opening)) say(line);
}

try {
  await run();
} catch (error) {
  complain(startProblemOf(error) ?? (error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
