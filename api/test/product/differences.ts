type Difference = { readonly at: string; readonly here: unknown; readonly there: unknown };

const isTree = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Where two answers are not the same, field by field: `viewer.contacts.edges.0.node.handle`. */
export function differencesOf(here: unknown, there: unknown, at = ''): readonly Difference[] {
  if (!isTree(here) || !isTree(there) || Array.isArray(here) !== Array.isArray(there))
    return Object.is(here, there) ? [] : [{ at, here, there }];
  const [ofHere, ofThere] = [new Map(Object.entries(here)), new Map(Object.entries(there))];
  const keys = new Set([...ofHere.keys(), ...ofThere.keys()]);
  return [...keys].flatMap((key) =>
    differencesOf(ofHere.get(key), ofThere.get(key), at === '' ? key : `${at}.${key}`),
  );
}
