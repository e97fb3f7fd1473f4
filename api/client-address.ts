import type { IncomingHttpHeaders } from 'node:http';
import { type BlockList, isIP, isIPv6 } from 'node:net';
import { createNetworks } from './networks.ts';

/** Where a request comes from, as `addressOf` has it. */
export type ClientAddress = (request: {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: IncomingHttpHeaders;
}) => string;

/**
 * Whoever opened the connection, unless that is a trusted proxy: such a one has written down whom it speaks for. Anybody can
 * write anything before that, so of what is written only the end counts: the last address that is not of a trusted proxy.
 */
export function createClientAddress(trustedProxies: readonly string[] = []): ClientAddress {
  const trusted = createNetworks(trustedProxies);
  return ({ socket: { remoteAddress }, headers }) => {
    const peer = plain(remoteAddress ?? '');
    return addressOf(isIn(trusted, peer) ? (forwardedFor(headers, trusted) ?? peer) : peer);
  };
}

/** Undefined when there is nobody else, or when what stands in the way is no address: then nobody knows who wrote it. */
function forwardedFor(headers: IncomingHttpHeaders, trusted: BlockList): string | undefined {
  const hops = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map(plain).reverse();
  const hop = hops.find((address) => !isIn(trusted, address));
  return hop !== undefined && isIP(hop) > 0 ? hop : undefined;
}

const isIn = (networks: BlockList, address: string): boolean => {
  const version = isIP(address);
  return version > 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
};

/** Without the zone of a link-local address, and as IPv4 what is that in the clothes of IPv6. */
function plain(written: string): string {
  const [address = ''] = written.trim().split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** What is counted together when nobody knows where it comes from. */
const unknown = 'unknown';

/**
 * The network address of a connection, for counting by it: one IPv4 address, or the first 64 bits of an IPv6 one, since a
 * provider gives each customer at least so many, and one customer may then use any of 2^64. An IPv4 address that is written
 * as IPv6 is the same as itself.
 */
export function addressOf(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined || remoteAddress === '') return unknown;
  const address = plain(remoteAddress);
  return isIPv6(address) ? `${firstGroups(address).join(':')}::/64` : address;
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
