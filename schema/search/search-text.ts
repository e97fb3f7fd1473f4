/** What a text asks for, in the words of the store. */
export type Sought = {
  /** Handles from `from` up to, not including, `to`, byte by byte; undefined when no handle begins like this. */
  readonly handles: { readonly from: string; readonly to: string } | undefined;
  /** For PostgreSQL's text search: each word of the text begins some word of the name. */
  readonly words: string;
};

const handleStart = /^[a-z0-9][a-z0-9_.-]{0,31}$/;
const lettersAndDigits = /[\p{L}\p{M}\p{N}]+/gu;

/** Reads a text that is neither empty nor has control characters in it. */
export function soughtIn(text: string): Sought {
  const line = text.trim().normalize('NFC');
  const pieces = line.split(/\s+/u);
  return { handles: handlesFrom(line.toLowerCase()), words: pieces.map(wordsOf).join(' & ') };
}

function handlesFrom(prefix: string): Sought['handles'] {
  if (!handleStart.test(prefix)) return undefined;
  // All of them are ASCII: the next character at the end is the first text that does not begin like this.
  const next = String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return { from: prefix, to: prefix.slice(0, -1) + next };
}

/**
 * The store keeps `foo.bar` as one word, as it looks like the name of a computer, but `O'Brien` as two: so a piece that has
 * more in it than letters and digits is looked for as it stands, and by its parts.
 */
function wordsOf(piece: string): string {
  const parts = piece.match(lettersAndDigits) ?? [];
  if (parts.length === 0 || parts[0] === piece) return startOf(piece);
  return `(${startOf(piece)} | ${parts.map(startOf).join(' & ')})`;
}

/** Within quotes nothing is an operator; what would end them, or escape, is doubled. */
const startOf = (word: string) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}':*`;
