import { isIPv6 } from 'node:net';

/** What is counted together when nobody knows where it comes from. */
const unknown = 'unknown';

/**
 * The network address of a connection, for counting by it: one IPv4 address, or the first 64 bits of an IPv6 one, since a
 * provider gives each customer at least so many, and one customer may then use any of 2^64. An IPv4 address that is written
 * as IPv6 is the same as itself.
 */
export function addressOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined || remoteAddress === '') return unknown;
  const [address = ''] = remoteAddress.split('%'); // without the zone of a link-local address
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? `${firstGroups(address).join(':')}::/64`;
}

/** The first four groups, written out: `::` stands for as many zeros as are missing. */
function firstGroups(address: string): string[] {
  const [before = '', after] = address.toLowerCase().split('::');
  const front = before === '' ? [] : before.split(':');
  const back = after === undefined || after === '' ? [] : after.split(':');
  // An IPv4 address at the end stands for two groups; nothing of it is among the first four.
  const backLength = back.length + (back.at(-1)?.includes('.') ? 1 : 0);
  const zeros = after === undefined ? 0 : 8 - front.length - backLength;
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
}
