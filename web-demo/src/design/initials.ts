const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most two characters for a name: the first of its first and of its last word, each as people see it. */
export function initialsOf(name: string): string {
  const parts = name.trim().split(/\s+/u).filter(Boolean);
  const first = firstCharacter(parts[0]);
  const last = parts.length > 1 ? firstCharacter(parts.at(-1)) : '';
  return `${first}${last}`.toUpperCase() || '?';
}

function firstCharacter(word = ''): string {
  // A name may have 64 characters: no need to look through all of it.
  const [first] = characters.segment(word.slice(0, 32));
  return first?.segment ?? '';
}
