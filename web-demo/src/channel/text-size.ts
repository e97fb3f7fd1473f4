export type TextLimits = { readonly charactersPerMessage: number; readonly bytesPerMessage: number };

const encoder = new TextEncoder();
/** The counter is shown from here on. */
const nearCharacters = 200;
const nearBytes = 800;

/**
 * How much room is left for a text, in characters: by whichever limit it meets first. Undefined while there is plenty, negative
 * when it is too long.
 */
export function roomLeft(
  text: string,
  { charactersPerMessage, bytesPerMessage }: TextLimits,
): number | undefined {
  // No character has more than 3 bytes for each of its units: most texts need not be counted.
  if (text.length + nearCharacters < charactersPerMessage && text.length * 3 + nearBytes < bytesPerMessage)
    return undefined;
  const characters = charactersPerMessage - [...text].length;
  const bytes = bytesPerMessage - encoder.encode(text).length;
  if (characters >= nearCharacters && bytes >= nearBytes) return undefined;
  // A character has up to 4 bytes.
  return Math.min(characters, Math.floor(bytes / 4));
}
