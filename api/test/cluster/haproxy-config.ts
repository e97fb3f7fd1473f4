import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../prisma/package-root.ts';

/** What is different from where containers run. */
export type HaproxyPlaces = {
  /** Where clients come without TLS; nothing is redirected then, as there may be no other way. */
  readonly plain: string;
  /** Where they come with it, and the file of the certificate and its key. */
  readonly tls?: { readonly address: string; readonly certificate: string } | undefined;
  readonly operator: string;
  /** Address and port of each server. */
  readonly servers: readonly string[];
};

/** What docker-compose.yml uses as it stands. */
export const haproxyTemplate = join(packageRoot, '.docker', 'haproxy.cfg');

/** How HAProxy stands before servers of one's own: the file for containers, line by line, with other places in it. */
export function haproxyConfig({ plain, tls, operator, servers }: HaproxyPlaces): string {
  const ofServers = servers.map((address, nth) => `server server-${nth + 1} ${address}`);
  const replaced: readonly (readonly [line: string, by: readonly string[], times: number])[] = [
    ['bind :8080', [`bind ${plain}`], 1],
    [
      'bind :8443 ssl crt /run/secrets/certificate.pem alpn h2,http/1.1',
      tls ? [`bind ${tls.address} ssl crt ${tls.certificate} alpn h2,http/1.1`] : [],
      1,
    ],
    ['http-request redirect scheme https code 308 unless { ssl_fc }', [], 1],
    ['bind :8404', [`bind ${operator}`], 1],
    ['server-template server 16 api:4000 resolvers docker init-addr none', ofServers, 2],
  ];
  const lines = readFileSync(haproxyTemplate, 'utf8').split('\n');
  for (const [line, , times] of replaced) {
    const found = lines.filter((one) => one.trim() === line).length;
    if (found !== times) throw new Error(`${haproxyTemplate} has ${found} lines \`${line}\`, not ${times}.`);
  }
  const byLine = new Map(replaced.map(([line, by]) => [line, by]));
  return lines.flatMap((line) => byLine.get(line.trim())?.map((one) => `  ${one}`) ?? [line]).join('\n');
}
