const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const ellipsis = '…';

/** How many bytes a text takes in JSON, without its quotes: a control character takes six. */
export const jsonBytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/**
 * As much of the beginning of a text as fits into so many bytes of JSON, with `…` when that is not all. Cut between graphemes: half a
 * flag or a family without its children says something else.
 */
export function cutToBytes(text: string, maxBytes: number): string {
  // Each unit takes a byte at least: what is longer need not be looked at, and its last grapheme never fits.
  const looked = text.length > maxBytes ? text.slice(0, maxBytes + 1) : text;
  if (jsonBytesOf(looked) <= maxBytes) return looked;
  let left = maxBytes - Buffer.byteLength(ellipsis);
  let kept = 0;
  for (const { segment } of segmenter.segment(looked)) {
    left -= jsonBytesOf(segment);
    if (left < 0) break;
    kept += segment.length;
  }
  return maxBytes < Buffer.byteLength(ellipsis) ? '' : looked.slice(0, kept) + ellipsis;
}
