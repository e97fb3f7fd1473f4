import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { startError } from '../prisma/start-error.ts';
import { conflicts, isPublic } from './setting-conflicts.ts';
import {
  contact,
  contactPoints,
  httpsOrigin,
  httpUrl,
  levels,
  networks,
  onOff,
  optionalPort,
  origins,
  postgresUrl,
  pushHosts,
  redisUrl,
  socketUrl,
  whole,
} from './setting-values.ts';

/**
 * Every setting of Parley, and the only place that says what it means; the table in README.md is checked against this.
 * An absent or empty one has the meaning that stands here.
 */
const Settings = z.object({
  PORT: whole(0, 65_535, 4000).describe('TCP port for everything; 0 takes a free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 is every one, and public.'),
  PUBLIC_URL: httpUrl
    .optional()
    .describe('How clients reach this server from outside; absent: as it listens.'),
  SOCKET_URL: socketUrl
    .optional()
    .describe(
      'How clients reach the sockets of just this server, where there are several; absent: as PUBLIC_URL says.',
    ),
  ZONE: z
    .string()
    .max(64, 'must have at most 64 characters')
    .optional()
    .describe('Where this server stands: clients are sent to servers of the same zone first.'),
  ALLOWED_ORIGINS: origins.optional().describe('Web pages that may use this server; absent: all of them.'),
  TRUSTED_PROXIES: networks
    .optional()
    .describe('Proxies whose X-Forwarded-For is believed, as addresses and ranges; absent: none.'),
  DATABASE_URL: postgresUrl
    .optional()
    .describe('A PostgreSQL of your own, 15 or newer; absent: the embedded one.'),
  REDIS_URL: redisUrl
    .optional()
    .describe('A Redis for several servers on one database, rediss:// with TLS; absent: one server alone.'),
  CASSANDRA_CONTACT_POINTS: contactPoints
    .optional()
    .describe(
      'Nodes of a Cassandra that is to keep the messages, with commas; absent: PostgreSQL keeps them.',
    ),
  CASSANDRA_DATACENTER: z
    .string()
    .default('datacenter1')
    .describe('Which datacenter of Cassandra this server is near to.'),
  CASSANDRA_KEYSPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/, 'must have lower-case letters, digits and _, at most 48')
    .default('parley')
    .describe('Where in Cassandra the messages are; made at the first start if it is not there.'),
  CASSANDRA_USERNAME: z.string().optional().describe('Who signs in to Cassandra; absent: nobody does.'),
  CASSANDRA_PASSWORD: z.string().optional().describe('The password of CASSANDRA_USERNAME.'),
  DATA_DIR: z.string().default('.data').describe('Folder for everything that must survive a restart.'),
  DEMO: onOff
    .optional()
    .describe(
      'Two demo people; absent: on with the embedded database if only this computer reaches the server.',
    ),
  WEB_DEMO: onOff
    .optional()
    .describe(
      'The web demo, a chat for browsers at /; absent: on where it is built, but off with PERSISTED_ONLY.',
    ),
  PERSISTED_DOCUMENTS: z
    .string()
    .optional()
    .describe(
      'A file of documents that clients may ask for by id, as code generation writes it; absent: none.',
    ),
  PERSISTED_ONLY: onOff
    .default(false)
    .describe('Whether no other documents run than those of that file, and of the web demo where it is on.'),
  GRAPHIQL: onOff.optional().describe('GraphiQL at /graphql; absent: on, but off with PERSISTED_ONLY.'),
  INTROSPECTION: onOff
    .optional()
    .describe(
      'Whether clients may read the schema from the server; absent: on, but off with PERSISTED_ONLY.',
    ),
  LOG_LEVEL: z
    .enum(levels, { error: `must be one of ${levels.join(', ')}` })
    .default('info')
    .describe('What is logged, as JSON lines on standard error.'),
  WORKER: onOff
    .default(true)
    .describe(
      'Whether this server also does what is to be done later, such as pushes; off where workers do.',
    ),
  VAPID_SUBJECT: contact
    .optional()
    .describe(
      'Whom Web Push services write to when something is wrong, mailto: or https:; absent: PUBLIC_URL if that is https.',
    ),
  PUSH_HOSTS: pushHosts
    .optional()
    .describe('More Web Push services that devices may name, as host or host:port; they are trusted.'),
  APNS_KEY: z.string().optional().describe('The key for Apple devices, a .p8; absent: they are not woken.'),
  APNS_KEY_ID: z.string().optional().describe('The id of APNS_KEY.'),
  APNS_TEAM_ID: z.string().optional().describe('The team of APNS_KEY.'),
  APNS_ORIGIN: httpsOrigin.optional().describe("Where Apple's service is reached; absent: where it is."),
  METRICS_PORT: optionalPort.describe('TCP port for metrics, at /metrics; 0 takes a free one; absent: none.'),
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on for metrics: whoever reaches it may read them.'),
  DRAIN_SECONDS: whole(0, 300, 0).describe('Over how long sockets are sent away at a stop.'),
  ACCESS_TOKEN_SECONDS: whole(10, 86_400, 900).describe('How long an access token is good.'),
  CHANNELS_PER_USER: whole(1, 100_000, 1000).describe('Channels that one person can be in.'),
  OPERATIONS_PER_SOCKET: whole(1, 10_000, 64).describe('Operations at once on one socket.'),
  FRAMES_PER_SECOND: whole(1, 100_000, 50).describe('Frames a socket may send in the long run.'),
  FRAMES_BURST: whole(1, 100_000, 200).describe('Frames a socket may send at once.'),
  SOCKETS_PER_ADDRESS: whole(1, 1_000_000, 1000).describe('Sockets from one network address.'),
  SOCKETS_PER_USER: whole(1, 1_000_000, 20).describe('Sockets of one person.'),
  PENDING_SOCKETS_PER_ADDRESS: whole(1, 1_000_000, 100).describe(
    'Sockets from one address that have not signed in yet.',
  ),
  SOCKETS_PER_SECOND: whole(1, 1_000_000, 1_000).describe(
    'New sockets in a second, twice as many at once; the others are told to come back.',
  ),
  SIGN_IN_TRIES: whole(1, 1_000, 5).describe(
    'Wrong passwords for an account from one address in 15 minutes.',
  ),
  SIGN_IN_TRIES_PER_ADDRESS: whole(1, 1_000_000, 100).describe(
    'Wrong passwords from one address in 15 minutes.',
  ),
  SIGN_IN_TRIES_PER_ACCOUNT: whole(1, 1_000_000, 50).describe(
    'Wrong passwords for an account in an hour, from addresses that are new to it.',
  ),
  SIGN_UPS_PER_ADDRESS: whole(1, 1_000_000, 300).describe('New accounts from one address in an hour.'),
  SEARCHES_PER_MINUTE: whole(1, 1_000_000, 120).describe('Searches for people by one person in a minute.'),
  FIELDS_PER_MINUTE: whole(1_000, 1e12, 500_000).describe(
    'Fields that one person asks for in a minute, those in lists as often as the list may be long.',
  ),
  FIELDS_PER_MINUTE_PER_ADDRESS: whole(100, 1e12, 50_000).describe(
    'The same for all who are not signed in, from one address.',
  ),
  MESSAGES_PER_MINUTE: whole(1, 1_000_000_000, 1_200).describe('Messages that one person sends in a minute.'),
  PEOPLE_PER_HOUR: whole(1, 1_000_000_000, 2_000).describe(
    'People whom one person asks, adds to groups or opens channels with in an hour.',
  ),
  CHANGES_PER_MINUTE: whole(1, 1_000_000_000, 600).describe(
    'Calls of any other mutation by one person in a minute, of each for itself.',
  ),
});

/** `isEmbedded`: the database is the one that came along. */
export type Config = Readonly<
  Omit<Parsed, Derived> & { readonly [Name in Derived]: boolean } & { isEmbedded: boolean }
>;
export type Parsed = z.output<typeof Settings>;
/** Their defaults follow from other settings. */
type Derived = 'DEMO' | 'GRAPHIQL' | 'INTROSPECTION';

/** The names of all settings and what they mean, for the table in README.md. */
export const settings: readonly { readonly name: string; readonly meaning: string }[] = Object.entries(
  Settings.shape,
).map(([name, schema]) => ({ name, meaning: schema.meta()?.description ?? '' }));

/** Settings that are better not seen in a list of processes: `<name>_FILE` names a file that holds the value. */
const secrets = ['DATABASE_URL', 'REDIS_URL', 'CASSANDRA_PASSWORD', 'APNS_KEY'] as const;

/** The settings, parsed and frozen. Throws one StartError that names every problem, a line for each. */
export function readConfig(env: NodeJS.ProcessEnv = environment()): Config {
  const problems: string[] = [];
  const parsed = Settings.safeParse(givenIn(env, problems));
  if (parsed.success)
    problems.push(...conflicts.filter(({ when }) => when(parsed.data)).map((one) => one.problem));
  for (const { path, message } of parsed.error?.issues ?? []) problems.push(`${path.join('.')} ${message}.`);
  if (!parsed.success || problems.length > 0) {
    throw startError(['These settings need correcting:', ...problems.map((problem) => `- ${problem}`)]);
  }
  return Object.freeze({ ...parsed.data, ...derivedFrom(parsed.data) });
}

function derivedFrom(parsed: Parsed): Pick<Config, Derived | 'WEB_DEMO' | 'isEmbedded'> {
  const isEmbedded = parsed.DATABASE_URL === undefined;
  const isOpen = !parsed.PERSISTED_ONLY;
  return {
    isEmbedded,
    DEMO: parsed.DEMO ?? (isEmbedded && !isPublic(parsed)),
    // What is not said is decided by whether there is a build (see api/http/web-demo-build.ts).
    WEB_DEMO: parsed.WEB_DEMO ?? (isOpen ? undefined : false),
    GRAPHIQL: parsed.GRAPHIQL ?? isOpen,
    INTROSPECTION: parsed.INTROSPECTION ?? isOpen,
  };
}

/** A file `.env` in the working directory counts as well; what is set outside of it wins. */
function environment(): NodeJS.ProcessEnv {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
  } catch (error) {
    throw startError('The file .env cannot be read: correct or remove it.', error);
  }
  return process.env;
}

/** The settings that are there: an empty one counts as absent, as in a line `PORT=` of a file. */
function givenIn(env: NodeJS.ProcessEnv, problems: string[]): NodeJS.ProcessEnv {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  for (const name of secrets) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set: remove one.`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
    } catch {
      problems.push(`${name}_FILE names ${file}, which cannot be read: correct the path or its permissions.`);
    }
  }
  return given;
}
