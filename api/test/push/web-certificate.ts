import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

// A certificate that nobody has signed, made in a millisecond without openssl: X.509 in DER (RFC 5280), as little of it as is allowed.

const tags = {
  ...{ boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, name: 0x06, text: 0x0c, time: 0x18 },
  ...{ sequence: 0x30, set: 0x31, dnsName: 0x82, ipAddress: 0x87, version: 0xa0, extensions: 0xa3 },
} as const;

function der(tag: keyof typeof tags, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tags[tag], ...long]), content]);
}

/** Object identifiers, as they stand in DER. */
const id = (hex: string) => der('name', Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = der('sequence', id('2a8648ce3d040302'));
const commonName = id('550403');
const alternativeNames = id('551d11');
const basicConstraints = id('551d13');
const yes = der('boolean', Buffer.from([0xff]));

const time = (at: number) =>
  der('time', Buffer.from(new Date(at).toISOString().replace(/[-:T]|\.\d+/g, ''), 'ascii'));
const extension = (name: Buffer, ...value: readonly Buffer[]) => der('sequence', name, ...value);

export type Certificate = { readonly cert: string; readonly key: string };

const dayMs = 24 * 60 * 60 * 1_000;

/** For these host names and 127.0.0.1, good for some days. It is its own authority, so who is to believe it is given `cert` as `ca`. */
export function makeWebCertificate(hosts: readonly string[]): Certificate {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  // Of its own, so that who believes several finds the right one by it.
  const subject = der(
    'sequence',
    der('set', der('sequence', commonName, der('text', Buffer.from(`push ${randomUUID()}`)))),
  );
  const names = hosts.map((host) => der('dnsName', Buffer.from(host, 'ascii')));
  const loopback = der('ipAddress', Buffer.from([127, 0, 0, 1]));
  const told = der(
    'sequence',
    der('version', der('integer', Buffer.from([2]))),
    der('integer', Buffer.from([1])),
    ecdsaWithSha256,
    subject,
    der('sequence', time(Date.now() - dayMs), time(Date.now() + 30 * dayMs)),
    subject,
    pair.publicKey,
    der(
      'extensions',
      der(
        'sequence',
        extension(basicConstraints, yes, der('octets', der('sequence', yes))),
        extension(alternativeNames, der('octets', der('sequence', ...names, loopback))),
      ),
    ),
  );
  const signature = sign('sha256', told, createPrivateKey(pair.privateKey));
  const whole = der('sequence', told, ecdsaWithSha256, der('bits', Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  const cert = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  return { cert, key: pair.privateKey };
}
