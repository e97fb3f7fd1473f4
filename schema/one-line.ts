/** Control characters (line breaks too), halves of characters, and marks that turn the direction of the text around them. */
const unprintable = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u;

/**
 * What is wrong with a text that is shown on one line, such as a name, when white space around it does not count; undefined
 * when nothing is. Characters are Unicode's, so that an emoji may count as several, but an umlaut as one.
 */
export function problemOfLine(
  text: string,
  maxLength: number,
): 'EMPTY' | 'TOO_LONG' | 'MALFORMED' | undefined {
  const line = text.trim();
  if (line === '') return 'EMPTY';
  if ([...line].length > maxLength) return 'TOO_LONG';
  return unprintable.test(line) ? 'MALFORMED' : undefined;
}

/** Control characters other than line breaks and tabs, and halves of characters: no store or screen takes them well. */
const unusable = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;

/** What is wrong with a text of several lines, however long; undefined when nothing is. Kept as it was written, white space too. */
export function problemOfText(text: string): 'EMPTY' | 'MALFORMED' | undefined {
  if (text.trim() === '') return 'EMPTY';
  return unusable.test(text) ? 'MALFORMED' : undefined;
}
