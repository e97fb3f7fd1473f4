import { describe, expect, it } from 'vitest';
import { addressOf, createClientAddress } from './client-address.ts';

it.for([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['1:2:3::192.0.2.7', '1:2:3:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, 'unknown'],
  ['', 'unknown'],
] as const)('%s counts as %s', ([remoteAddress, address]) => {
  expect(addressOf(remoteAddress)).toBe(address);
});

/** A request of this peer, with these headers. */
const from = (remoteAddress: string | undefined, forwarded?: string | string[]) => ({
  socket: { remoteAddress },
  headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
});

describe('the address of a client behind proxies', () => {
  const own = createClientAddress(['127.0.0.1', '10.0.0.0/8', '2001:db8:f::/48']);
  const client = '203.0.113.9';

  it.for<readonly [string, Parameters<typeof from>, string]>([
    ['nobody in between', [client], client],
    ['a header from somebody who is no proxy', [client, '198.51.100.1'], client],
    ['one proxy', ['127.0.0.1', client], client],
    ['one proxy that speaks IPv6', ['::ffff:127.0.0.1', client], client],
    ['a proxy with a zone', ['2001:db8:f::1%eth0', client], client],
    ['several proxies', ['127.0.0.1', `${client}, 10.1.2.3, 10.255.0.1`], client],
    ['proxies that add headers of their own', ['127.0.0.1', [client, '10.1.2.3']], client],
    ['a proxy of each kind', ['2001:db8:f::1', `${client},::ffff:10.0.0.1`], client],
    ['a client that claims to be another one', ['127.0.0.1', `198.51.100.1, ${client}`], client],
    ['a client that claims to be a proxy', ['127.0.0.1', `198.51.100.1, 10.0.0.1, ${client}`], client],
    ['a client that claims nonsense', ['127.0.0.1', `<script>, , "unknown", ${client}`], client],
    ['a client of IPv6', ['127.0.0.1', '2001:db8:1:2::5'], '2001:db8:1:2::/64'],
    ['IPv4 in the clothes of IPv6', ['127.0.0.1', `::ffff:${client}`], client],
    ['proxies only', ['127.0.0.1', '10.0.0.2, 10.0.0.1'], '127.0.0.1'],
    ['a proxy that says nothing', ['10.0.0.1'], '10.0.0.1'],
    ['an empty header', ['10.0.0.1', ''], '10.0.0.1'],
    ['a name', ['10.0.0.1', `${client}, unknown`], '10.0.0.1'],
    ['a port', ['10.0.0.1', `${client}:4711`], '10.0.0.1'],
    ['nonsense before proxies', ['10.0.0.1', `${client}, x, 10.0.0.2`], '10.0.0.1'],
    ['something beside an address', ['10.0.0.1', `${client} 198.51.100.1`], '10.0.0.1'],
    ['a number that is no address', ['10.0.0.1', '203.0.113.999'], '10.0.0.1'],
    ['an address beside the range', ['11.0.0.1', client], '11.0.0.1'],
    ['a connection that is gone', [undefined, client], 'unknown'],
  ])('%s', ([, given, address]) => expect(own(from(...given))).toBe(address));

  it('is that of the peer where no proxy is trusted', () => {
    for (const nobody of [createClientAddress(), createClientAddress([])])
      expect(nobody(from('127.0.0.1', client))).toBe('127.0.0.1');
  });
});
