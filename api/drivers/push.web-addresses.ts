import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { createNetworks } from '../networks.ts';

/** What a name stands for, as `lookup` of `node:dns/promises` says it. */
export type Address = { readonly address: string; readonly family: number };
export type Lookup = (host: string) => Promise<readonly Address[]>;

/** Special purposes by the registries of IANA: this host, private, shared, link-local, documentation, measuring, many, reserved. */
const special4 = createNetworks([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]);
/** All that is public is in here, so what is not known to be special is refused outside of it: `::1`, `fc00::/7`, `::ffff:0:0/96`. */
const public6 = createNetworks(['2000::/3']);
/** Protocols (Teredo among them), documentation, and 6to4, which leads to any IPv4 address. */
const special6 = createNetworks(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);
/** What a network without IPv4 makes of the IPv4 addresses of others: as public as the address inside. */
const translated = createNetworks(['64:ff9b::/96']);

/** The IPv4 address in the last 32 bits. */
function embeddedIn(address: string): string {
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':').slice(-2);
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Whether an address is one of the internet at large. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !special4.check(address, 'ipv4');
  // With a zone it is a neighbour.
  if (version === 0 || address.includes('%')) return false;
  if (translated.check(address, 'ipv6')) return isPublicAddress(embeddedIn(address));
  return public6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
}

export const forbiddenAddress = 'FORBIDDEN_ADDRESS';
const systemLookup: Lookup = (host) => resolve(host, { all: true });

/**
 * Finds addresses for a connection, at the moment of connecting, so that a name which has changed its meaning since it was
 * registered is noticed. Fails with `forbiddenAddress` where one of them is not public: no push service has such a name.
 */
export const publicLookup =
  (lookup: Lookup = systemLookup): LookupFunction =>
  (host, options, callback) => {
    lookup(host).then(
      (found) => {
        const [first] = found;
        if (first === undefined || !found.every(({ address }) => isPublicAddress(address)))
          return callback(Object.assign(new Error('Not a public address.'), { code: forbiddenAddress }), []);
        return options.all ? callback(null, [...found]) : callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
