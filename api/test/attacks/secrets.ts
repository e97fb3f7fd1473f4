/** What a secret looks like. The part that is one has a name, where it is not all of it. */
const looks: readonly (readonly [string, RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/g],
  ['a private key as JSON', /["']?\bd["']?\s*:\s*["'][\w-]{40,}["']/g],
  ['a signed token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g],
  ['a key of a cloud', /\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b|\bsk_live_\w{16,}/g],
  ['a token of a forge', /\bgh[pousr]_\w{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{18,}/g],
  ['a token of a registry', /\bnpm_[A-Za-z0-9]{30,}|_authToken\s*=\s*[^\s$]+|\bpypi-[\w-]{40,}/g],
  ['a token of a chat', /\bxox[abeprs]-[\w-]{10,}/g],
  ['a password in an address', /\b[a-z][a-z+.-]*:\/\/[^\s/:@'"`]+:(?<secret>[^\s@/'"`]+)@/gi],
  [
    'a password as a value',
    /(?:password|passwd|secret|token|api[_-]?key)["']?\s*[:=]\s*["'`](?<secret>[^\s"'`${}]{8,})["'`]/gi,
  ],
];

/**
 * Those that are none, each known to everybody: what demo people have, what documents show as a place to fill in, what browsers
 * call a field to be filled in, and what tests give to people who live as long as the test.
 */
const known = new Set([
  'parley-demo',
  'password',
  'newPassword',
  'current-password',
  'secret',
  'hush',
  'wrong-secret',
  'nonsense',
]);

/** Where something stands in a text that looks like a secret, in words that do not repeat it. */
export function secretsIn(path: string, text: string): string[] {
  return looks.flatMap(([what, look]) =>
    [...text.matchAll(look)]
      .filter(({ groups, 0: all }) => !known.has(groups?.secret ?? all) && !all.includes('${'))
      .map(({ index }) => `${path}:${text.slice(0, index).split('\n').length}: ${what}`),
  );
}
