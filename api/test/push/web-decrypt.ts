import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';

// What a browser does with a push message: RFC 8291 over RFC 8188, written from the standards and not by the library that encrypts.

/** The keys of one subscription. */
export type WebKeys = { readonly pair: ECDH; readonly auth: Buffer };

const curve = 'prime256v1';

/** New ones, or those of an example. */
export function makeWebKeys(known?: { readonly privateKey: Buffer; readonly auth: Buffer }): WebKeys {
  const pair = createECDH(curve);
  if (known === undefined) pair.generateKeys();
  else pair.setPrivateKey(known.privateKey);
  return { pair, auth: known?.auth ?? randomBytes(16) };
}

const [saltBytes, sizeBytes, keyBytes, tagBytes] = [16, 4, 65, 16];
const headerBytes = saltBytes + sizeBytes + 1 + keyBytes;
const lastRecord = 2;

const derive = (secret: Uint8Array, salt: Uint8Array, [info, length]: readonly [Uint8Array, number]) =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));
const named = (name: string, ...more: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(`${name}\0`), ...more]);

/** The text of a message. Throws for what a browser would drop: another key, a changed byte, several records, wrong padding. */
export function decryptPush(body: Buffer, { pair, auth }: WebKeys): string {
  if (body.length < headerBytes + 1 + tagBytes) throw new Error('It is too short.');
  const salt = body.subarray(0, saltBytes);
  const recordSize = body.readUInt32BE(saltBytes);
  if (body[saltBytes + sizeBytes] !== keyBytes) throw new Error('The id of the key is no public key.');
  const sender = body.subarray(saltBytes + sizeBytes + 1, headerBytes);
  const record = body.subarray(headerBytes);
  if (recordSize < 18 || record.length > recordSize) throw new Error('It is not one record.');

  const told = named('WebPush: info', pair.getPublicKey(), sender);
  const secret = derive(pair.computeSecret(sender), auth, [told, 32]);
  const key = derive(secret, salt, [named('Content-Encoding: aes128gcm'), 16]);
  const nonce = derive(secret, salt, [named('Content-Encoding: nonce'), 12]);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(record.subarray(-tagBytes));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -tagBytes)), decipher.final()]);

  let end = padded.length - 1;
  while (end > 0 && padded[end] === 0) end -= 1;
  if (padded[end] !== lastRecord)
    throw new Error('The padding does not begin with the mark of the last record.');
  return new TextDecoder('utf-8', { fatal: true }).decode(padded.subarray(0, end));
}
