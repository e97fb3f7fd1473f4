import { describe, expect, it } from 'vitest';
import { createNetworks, isNetwork } from './networks.ts';

describe('a network', () => {
  it.for([
    '10.0.0.1',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '10.0.0.1/32',
    '::1',
    '2001:db8::/32',
    '::/0',
    '::ffff:10.0.0.1',
  ])('is an address or a range: %s', (text) => {
    expect(isNetwork(text)).toBe(true);
    const [address = ''] = text.split('/');
    expect(createNetworks([text]).check(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(true);
  });

  it.for([
    '',
    ' ',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/a',
    '/8',
    'localhost',
    'fe80::1%eth0',
    '10.0.0.1,10.0.0.2',
    '*',
    '10.*',
  ])('is nothing else: "%s"', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => createNetworks([text])).toThrow('neither an address nor a range');
  });

  it('ends where it says', () => {
    const networks = createNetworks(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    expect(networks.check('10.255.255.255')).toBe(true);
    expect(networks.check('11.0.0.0')).toBe(false);
    expect(networks.check('192.0.2.8')).toBe(false);
    expect(networks.check('2001:db8:ffff::1', 'ipv6')).toBe(true);
    expect(networks.check('2001:db9::1', 'ipv6')).toBe(false);
    expect(createNetworks([]).check('127.0.0.1')).toBe(false);
  });
});
