import { BlockList, isIP } from 'node:net';

type Network = { readonly address: string; readonly bits: number; readonly type: 'ipv4' | 'ipv6' };

/** An address, or a range such as `10.0.0.0/8`; undefined when it is neither. */
function networkIn(text: string): Network | undefined {
  const [, address = '', written] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const bits = Number(written ?? most);
  if (version === 0 || bits > most) return undefined;
  return { address, bits, type: version === 4 ? 'ipv4' : 'ipv6' };
}

export const isNetwork = (text: string): boolean => networkIn(text) !== undefined;

/** Networks to look addresses up in. Throws for what is none (see `isNetwork`). */
export function createNetworks(texts: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const text of texts) {
    const network = networkIn(text);
    if (network === undefined) throw new Error(`${text} is neither an address nor a range of addresses.`);
    networks.addSubnet(network.address, network.bits, network.type);
  }
  return networks;
}
