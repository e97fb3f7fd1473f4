import type { Config } from './config.ts';
import { demoPassword, demoPeople } from './seed.ts';

export type Started = {
  /** The GraphQL endpoint. */
  readonly url: string;
  /** Where the embedded database has its data. */
  readonly dataDir: string | undefined;
  /** Where the metrics are, if they are wanted. */
  readonly metricsUrl?: string;
  /** Whether the demo people can sign in. */
  readonly isDemo: boolean;
  /** How many documents of a manifest there are, if there is one. */
  readonly documents?: number | undefined;
};

type Settings = Pick<Config, 'GRAPHIQL' | 'PERSISTED_ONLY'>;

/** What a start prints: at most ten lines, and where to click first. */
export function greeting({ GRAPHIQL, PERSISTED_ONLY }: Settings, started: Started): string[] {
  const { url, dataDir, metricsUrl, isDemo, documents } = started;
  return [
    `Parley runs: ${url}`,
    ...(GRAPHIQL
      ? [`Open that in a browser: GraphiQL, with documentation and examples${isDemo ? clicks : '.'}`]
      : []),
    ...(PERSISTED_ONLY ? [`Nothing runs but the ${documents} documents of PERSISTED_DOCUMENTS.`] : []),
    // What could be pasted would not run where only chosen documents do.
    ...(isDemo && !PERSISTED_ONLY ? signInLines() : []),
    ...(dataDir ? [`Data are kept in ${dataDir}.`] : []),
    ...(metricsUrl ? [`Metrics: ${metricsUrl}`] : []),
    'Ctrl-C stops it.',
  ];
}

const names = demoPeople.map(({ handle }) => handle).join(' or ');
const clicks = `; one click there makes you ${names}.`;

function signInLines(): string[] {
  const [{ handle }] = demoPeople;
  return [
    `From elsewhere, sign in as ${names}, password ${demoPassword}:`,
    `  mutation { signIn(input: { handle: "${handle}", password: "${demoPassword}", device: { label: "GraphiQL", platform: WEB } }) { ... on SignInPayload { session { accessToken } } } }`,
    'and send { "authorization": "Bearer <accessToken>" } as headers.',
  ];
}
