import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { calculateJwkThumbprint, decodeJwt, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type Person, type World } from '../../../schema/test/world.ts';

// A15: nobody makes an access token but the server, and none is good at another one.

let world: World;
let ada: Person;
/** What the server itself says in its tokens. */
let claims: JWTPayload;
beforeAll(async () => {
  world = await openWorld();
  ada = await world.signUp('ada');
  claims = decodeJwt(ada.session.accessToken);
});
afterAll(() => world.close());

const verify = (token: string) => world.product.accessTokens.verify(token);
const encoded = (value: object | undefined) => Buffer.from(JSON.stringify(value)).toString('base64url');
const mine = generateKeyPairSync('ed25519');
type Header = { alg: string } & Record<string, unknown>;

const keyOfServer = async () => {
  const key = await world.product.prisma.signingKey.findFirstOrThrow();
  return { privateJwk: key.privateJwk as JWK, publicJwk: key.publicJwk as JWK };
};
/** A token as the server signs it, of other claims. */
async function signedByServer(changed: JWTPayload, header: Header = { alg: 'EdDSA' }): Promise<string> {
  const { privateJwk } = await keyOfServer();
  return new SignJWT({ ...claims, ...changed })
    .setProtectedHeader(header)
    .sign(await importJWK(privateJwk, 'EdDSA'));
}

it('takes what the server signs: the attacks below fail for what is wrong with them', async () => {
  expect(await verify(await signedByServer({}))).toMatchObject({ viewer: ada.viewer });
});

describe('A15: a token that somebody else made', () => {
  it.for(['none', 'None', 'NONE', 'nOnE', ''])('is refused unsigned (alg %j)', async (alg) => {
    const body = `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}`;
    const [, , signature] = ada.session.accessToken.split('.');
    for (const token of [`${body}.`, body, `${body}.${signature}`])
      expect(await verify(token)).toBe('invalid');
  });

  it.for(['HS256', 'HS384', 'HS512'])('is refused when the public key is its secret (%s)', async (alg) => {
    const { publicJwk } = await keyOfServer();
    const secrets = [
      Buffer.from(publicJwk.x ?? '', 'base64url'),
      publicJwk.x ?? '',
      JSON.stringify(publicJwk),
      '',
    ];
    for (const secret of secrets) {
      const body = `${encoded({ alg })}.${encoded(claims)}`;
      const signature = createHmac(alg.replace('HS', 'sha'), secret).update(body).digest('base64url');
      expect(await verify(`${body}.${signature}`)).toBe('invalid');
    }
  });

  it.for(['RS256', 'PS256', 'ES256'])('is refused when it is signed in another way (%s)', async (alg) => {
    const { privateKey } =
      alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await verify(await new SignJWT(claims).setProtectedHeader({ alg }).sign(privateKey))).toBe(
      'invalid',
    );
  });

  it('is refused whatever key its header brings or names', async () => {
    const jwk = mine.publicKey.export({ format: 'jwk' });
    const headers = [
      {},
      { jwk },
      { jku: 'http://127.0.0.1:9/keys.json' },
      { x5u: 'http://127.0.0.1:9/key.pem' },
      { kid: 'access-tokens' },
      { kid: '../../../../dev/null' },
      { kid: "' UNION SELECT '{}' --" },
      { kid: await calculateJwkThumbprint(jwk as JWK), jwk },
    ];
    for (const header of headers) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', ...header } as Header)
        .sign(mine.privateKey);
      expect(await verify(token), JSON.stringify(header)).toBe('invalid');
    }
  });

  it('is refused when one of its parts has been exchanged', async () => {
    const eve = await world.signUp('eve');
    const [header, , signature] = eve.session.accessToken.split('.');
    expect(await verify(`${header}.${encoded(claims)}.${signature}`)).toBe('invalid');
    expect(
      await verify(
        `${header}.${encoded({ ...decodeJwt(eve.session.accessToken), sub: ada.userId })}.${signature}`,
      ),
    ).toBe('invalid');
  });

  it('is refused when another installation made it', async () => {
    const other = await openWorld();
    try {
      const { session } = await other.signUp('ada');
      expect(await other.product.accessTokens.verify(session.accessToken)).toHaveProperty('viewer');
      expect(await verify(session.accessToken)).toBe('invalid');
    } finally {
      await other.close();
    }
  });
});

describe('A15: a token with the right signature', () => {
  it.for([
    [{ aud: 'another audience' }, 'invalid'],
    [{ aud: [] }, 'invalid'],
    [{ aud: undefined }, 'invalid'],
    [{ iss: 'another issuer' }, 'invalid'],
    [{ iss: undefined }, 'invalid'],
    [{ exp: undefined }, 'invalid'],
    [{ exp: 1 }, 'expired'],
    [{ exp: 1, aud: 'another audience' }, 'invalid'],
    [{ sub: undefined }, 'invalid'],
    [{ sub: 'dev1' }, 'invalid'],
    [{ sub: 'usr1; DROP TABLE session' }, 'invalid'],
    [{ sid: undefined }, 'invalid'],
    [{ sid: 1 }, 'invalid'],
    [{ sid: 'usr1' }, 'invalid'],
    [{ did: ['dev1'] }, 'invalid'],
    [{ nbf: 99_999_999_999 }, 'invalid'],
  ] as const)('is not good when it says %j', async ([changed, answer]) => {
    expect(await verify(await signedByServer(changed as JWTPayload))).toBe(answer);
  });

  it('is not good when its header asks for what is not understood', async () => {
    const { privateJwk } = await keyOfServer();
    const signedWith = (header: Header) => {
      const body = `${encoded(header)}.${encoded(claims)}`;
      const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
      return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
    };
    expect(await verify(signedWith({ alg: 'EdDSA' }))).toHaveProperty('viewer');
    expect(await verify(signedWith({ alg: 'EdDSA', crit: ['zip'], zip: 'DEF' }))).toBe('invalid');
  });
});
