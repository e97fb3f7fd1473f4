import { isIP } from 'node:net';
import type { Parsed } from './config.ts';
import { createNetworks } from './networks.ts';

/** Settings that cannot hold together, and what to do about it. */
export const conflicts: readonly { readonly when: (parsed: Parsed) => boolean; readonly problem: string }[] =
  [
    {
      when: (parsed) => parsed.DEMO === true && isPublic(parsed),
      problem:
        'DEMO=on is for this computer only, as everybody knows the password: remove DEMO, or HOST and PUBLIC_URL.',
    },
    {
      when: ({ DEMO, DATABASE_URL }) => DEMO === true && DATABASE_URL !== undefined,
      problem: 'DEMO=on is for the embedded database only: remove DEMO or DATABASE_URL.',
    },
    {
      when: ({ CASSANDRA_USERNAME, CASSANDRA_PASSWORD }) =>
        (CASSANDRA_USERNAME === undefined) !== (CASSANDRA_PASSWORD === undefined),
      problem: 'CASSANDRA_USERNAME and CASSANDRA_PASSWORD go together: set both, or none.',
    },
    {
      when: ({ PERSISTED_ONLY, PERSISTED_DOCUMENTS, WEB_DEMO }) =>
        PERSISTED_ONLY && PERSISTED_DOCUMENTS === undefined && WEB_DEMO !== true,
      problem:
        'PERSISTED_ONLY=on lets nothing run without documents: name their file in PERSISTED_DOCUMENTS, or set WEB_DEMO=on if only the web demo is to run.',
    },
    {
      when: ({ PERSISTED_ONLY, GRAPHIQL }) => PERSISTED_ONLY && GRAPHIQL === true,
      problem:
        'GRAPHIQL=on cannot work with PERSISTED_ONLY=on, as what is typed there is no document of the file: remove one.',
    },
    {
      when: ({ APNS_KEY, APNS_KEY_ID, APNS_TEAM_ID }) =>
        new Set([APNS_KEY, APNS_KEY_ID, APNS_TEAM_ID].map((one) => one === undefined)).size > 1,
      problem: 'APNS_KEY, APNS_KEY_ID and APNS_TEAM_ID go together: set all three, or none.',
    },
  ];

const loopback = createNetworks(['127.0.0.0/8', '::1']);

/** Whether others than this computer reach the server: directly, or through a proxy on it. */
export const isPublic = ({ HOST, PUBLIC_URL }: Pick<Parsed, 'HOST' | 'PUBLIC_URL'>) =>
  !isLoopback(HOST) || (PUBLIC_URL !== undefined && !isLoopback(new URL(PUBLIC_URL).hostname));

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1'); // as an IPv6 address stands in a URL
  const version = isIP(address);
  return version === 0 ? address === 'localhost' : loopback.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
