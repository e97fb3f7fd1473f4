import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { demoPassword, demoPeople } from './seed.ts';

/**
 * What a start prints: at most ten lines, and where to click first. `url` is that of the GraphQL endpoint. A demo that
 * was closed once (see demo-door.ts) is not offered again.
 */
export function greeting(config: Config, url: string, isDemoOpen: boolean): string[] {
  return [
    `Parley runs: ${url}`,
    ...(config.GRAPHIQL
      ? ['Open that in a browser: GraphiQL has the whole schema and its documentation.']
      : []),
    ...(isDemoOpen ? signInLines() : []),
    ...(config.isEmbedded ? [`Data are kept in ${resolve(config.DATA_DIR)}.`] : []),
    'Ctrl-C stops it.',
  ];
}

function signInLines(): string[] {
  const [{ handle }] = demoPeople;
  const names = demoPeople.map((person) => person.handle).join(' or ');
  return [
    `Sign in as ${names}, password ${demoPassword}:`,
    `  mutation { signIn(input: { handle: "${handle}", password: "${demoPassword}", device: { label: "GraphiQL", platform: WEB } }) { ... on SignInPayload { session { accessToken } } } }`,
    'and send { "authorization": "Bearer <accessToken>" } as headers.',
  ];
}
