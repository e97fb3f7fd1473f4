/**
 * Puts something else in the place of what stands in a module, one change after the other; white space does not count. Throws when that
 * does not stand there exactly once: a module that says it in another way now would quietly stay as it is.
 */
export function rewrite(source, changes) {
  return changes.reduce(changeOnce, source);
}

function changeOnce(source, { from, to }) {
  const places = placesOf(source, from);
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new Error(`says \`${from}\` ${places.length} times, not once`);
  return source.slice(0, place.start) + to + source.slice(place.end);
}

/** Where it stands, compared letter by letter without what is between them. */
function placesOf(source, wanted) {
  const [within, letters] = [lettersOf(source), lettersOf(wanted)];
  const places = [];
  for (let at = within.text.indexOf(letters.text); at !== -1; at = within.text.indexOf(letters.text, at + 1))
    places.push({
      start: within.offsets[at],
      end: within.offsets[at + letters.text.length - 1] + 1,
    });
  return places;
}

function lettersOf(text) {
  const offsets = [];
  for (let at = 0; at < text.length; at += 1) if (!/\s/.test(text[at])) offsets.push(at);
  return { text: text.replace(/\s/g, ''), offsets };
}
