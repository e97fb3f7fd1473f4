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
  /** Whether the web demo is served. */
  readonly isWebDemo: boolean;
  /** How many documents of a manifest there are, if there is one. */
  readonly documents?: number | undefined;
};

type Settings = Pick<Config, 'GRAPHIQL' | 'PERSISTED_ONLY'>;

/** What a start prints: at most ten lines, and where to click first. */
export function greeting({ GRAPHIQL, PERSISTED_ONLY }: Settings, started: Started): string[] {
  const { url, dataDir, metricsUrl, isDemo, isWebDemo, documents } = started;
  return [
    ...(isWebDemo ? chatLines(started) : [`Parley runs: ${url}`]),
    ...(GRAPHIQL
      ? [`Open that in a browser: GraphiQL, with documentation and examples${isDemo ? clicks : '.'}`]
      : []),
    ...(PERSISTED_ONLY ? [`Nothing runs but ${documents} chosen documents.`] : []),
    // What could be pasted would not run where only chosen documents do.
    ...(isDemo && !PERSISTED_ONLY ? signInLines() : []),
    ...(dataDir ? [`Data are kept in ${dataDir}.`] : []),
    ...(metricsUrl ? [`Metrics: ${metricsUrl}`] : []),
    'Ctrl-C stops it.',
  ];
}

/** Whoever has just installed Parley wants to see people talk. */
function chatLines({ url, isDemo }: Pick<Started, 'url' | 'isDemo'>): string[] {
  const [first, second] = demoPeople;
  return [
    `Parley runs: ${new URL('/', url).href}`,
    isDemo
      ? `Open that in two windows to chat: one click makes you ${first.handle} in the one, and ${second.handle} in the other.`
      : 'Open that in a browser to chat.',
    `GraphQL: ${url}`,
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
