import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { demoPassword, demoPeople } from './seed.ts';

/** What a start prints: at most ten lines, and where to click first. `url` is that of the GraphQL endpoint. */
export function greeting(config: Config, url: string): string[] {
  const [{ handle }] = demoPeople;
  const names = demoPeople.map((person) => person.handle).join(' or ');
  const signIn = `mutation { signIn(input: { handle: "${handle}", password: "${demoPassword}", device: { label: "GraphiQL", platform: WEB } }) { ... on SignInPayload { session { accessToken } } } }`;
  return [
    `Parley runs: ${url}`,
    ...(config.GRAPHIQL
      ? ['Open that in a browser: GraphiQL has the whole schema and its documentation.']
      : []),
    ...(config.DEMO ? [`Sign in as ${names}, password ${demoPassword}:`, `  ${signIn}`] : []),
    ...(config.DEMO ? ['and send { "authorization": "Bearer <accessToken>" } as headers.'] : []),
    ...(config.isEmbedded ? [`Data are kept in ${resolve(config.DATA_DIR)}.`] : []),
    'Ctrl-C stops it.',
  ];
}
