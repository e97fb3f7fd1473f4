import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { type Address, isPublicAddress, publicLookup } from './push.web-addresses.ts';

describe('a public address', () => {
  const first = ['8.8.8.8', '1.0.0.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'];
  const others = [
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '223.255.255.255',
  ];
  const sixth = [
    '2606:4700::1111',
    '2a00:1450:4001::200a',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2620:fe::fe',
  ];
  it.for([...first, ...others, ...sixth, '64:ff9b::8.8.8.8', '64:ff9b::808:808'])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  const ourselves = ['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.255.255.255', '::', '::1'];
  const inside = ['10.0.0.1', '100.64.0.1', '100.127.255.255', '172.16.0.1', '172.31.255.255', '192.168.1.1'];
  const nearby = ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', '2001:4860:4860::8888%1', 'fec0::1'];
  const mapped = [
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::7f00:1',
  ];
  const translated = [
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::',
    '64:ff9b::1',
    '64:ff9b:1::8.8.8.8',
  ];
  const tunnels = ['2002:7f00:1::', '2002:a00:1::1', '2002:808:808::', '2001::1', '2001:0:53aa:64c::1'];
  const private6 = ['fc00::1', 'fd00:ec2::254', 'fdff:ffff::1'];
  const nobody = [
    '192.0.0.8',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '198.19.255.255',
    '192.88.99.1',
  ];
  const many = ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', 'ff02::1'];
  const reserved6 = ['100::1', '2001:db8::1', '3fff::1', '4000::1', '5f00::1', '2001:10::1', '2001:20::1'];
  const none = ['', 'localhost', '8.8.8', '0x7f000001', '2130706433', '[::1]', '::1 ', '127.0.0.1:80'];
  it.for([
    ...[...ourselves, ...inside, ...nearby, ...mapped, ...translated, ...tunnels],
    ...[...private6, ...nobody, ...many, ...reserved6, ...none],
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

/** What a connection is told, as `net` asks for it. */
const lookedUp = (found: readonly Address[] | Error, all: boolean) =>
  new Promise<{ error: NodeJS.ErrnoException | null; address: string | LookupAddress[]; family?: number }>(
    (resolve) => {
      const lookup = async () => {
        if (found instanceof Error) throw found;
        return found;
      };
      publicLookup(lookup)('push.example', { all }, (error, address, family) =>
        resolve({ error, address, ...(family !== undefined && { family }) }),
      );
    },
  );

describe('a name', () => {
  const good = [
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];
  it('is connected to at its public addresses, however it is asked for', async () => {
    expect(await lookedUp(good, true)).toEqual({ error: null, address: good });
    expect(await lookedUp(good, false)).toEqual({ error: null, address: '8.8.8.8', family: 4 });
  });

  it.for([
    ['one private address', [{ address: '10.0.0.1', family: 4 }]],
    ['a private one behind public ones', [...good, { address: '::1', family: 6 }]],
    ['no address at all', []],
  ] as const)('is not connected to with %s', async ([, found]) => {
    for (const all of [true, false])
      expect(await lookedUp(found, all)).toMatchObject({ error: { code: 'FORBIDDEN_ADDRESS' }, address: [] });
  });

  it('that is not found stays not found', async () => {
    const error = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    expect(await lookedUp(error, true)).toMatchObject({ error });
  });
});
