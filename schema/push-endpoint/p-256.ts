// The curve of the keys of browsers (RFC 8291, NIST P-256): y² = x³ − 3x + b over the integers modulo p.

const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** A coordinate, in bytes. */
const size = 32;
/** How a point begins of which both coordinates follow. */
const uncompressed = 4;

const numberIn = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** Whether this is a point of the curve, with both of its coordinates: what is none cannot be encrypted for, or gives secrets away. */
export function isPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 1 + 2 * size || bytes[0] !== uncompressed) return false;
  const [x, y] = [numberIn(bytes.subarray(1, 1 + size)), numberIn(bytes.subarray(1 + size))];
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}
