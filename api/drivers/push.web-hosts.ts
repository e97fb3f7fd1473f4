import { isIP } from 'node:net';
import { defaultLimits } from '../../schema/limits.ts';

/**
 * How far a host may be reached: `PUBLIC` only at public addresses and its usual port, `OPERATOR` wherever it is, as whoever runs
 * the installation has named it.
 */
export type Trust = 'PUBLIC' | 'OPERATOR';

const fits = (host: string, pattern: string) =>
  pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : host === pattern;

/**
 * Undefined where nothing may be sent. Looked at again for each note, as the list may have been longer at the registration.
 * `operatorHosts`: `host`, at port 443, or `host:port`.
 */
export function trustOf(url: URL, operatorHosts: readonly string[]): Trust | undefined {
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  const named = operatorHosts.some((entry) => entry === url.host || entry === `${url.host}:443`);
  if (named) return 'OPERATOR';
  const isBrowsers = url.port === '' && isIP(url.hostname) === 0;
  return isBrowsers && defaultLimits.pushHosts.some((pattern) => fits(url.hostname, pattern))
    ? 'PUBLIC'
    : undefined;
}
