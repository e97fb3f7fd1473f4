/** Whoever looks for `zoe` finds Zoë. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

type Named = { readonly displayName: string; readonly handle: string };

/** Whether somebody has all these words in their name or handle: everybody, as long as there are none. */
export function nameMatches(text: string): (person: Named) => boolean {
  const words = folded(text).split(/\s+/u).filter(Boolean);
  return ({ displayName, handle }) => {
    const name = folded(`${displayName} ${handle}`);
    return words.every((word) => name.includes(word));
  };
}
