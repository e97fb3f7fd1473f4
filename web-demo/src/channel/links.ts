/** A piece of what somebody wrote: text, or an address that is safe to follow. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

/** Longer ones are text: nobody types them, and a browser would not follow them. */
const maxLinkLength = 2_048;

/**
 * What is not shown as it is: controls but for tab and line feed, and all that turns the direction of what follows or opens an
 * isolate that is never closed. Each message is isolated as a whole, so nothing is lost that a person would see.
 */
const isUnseen = (code: number): boolean =>
  (code < 0x20 && code !== 0x09 && code !== 0x0a) ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069) ||
  code === 0xfeff ||
  (code >= 0xfff9 && code <= 0xfffb);
/** Joiners and marks that have no width. A few of them belong to words and emoji, a flood of them to nothing. */
const isZeroWidth = (code: number): boolean =>
  (code >= 0x200b && code <= 0x200f) || (code >= 0x2060 && code <= 0x2064) || code === 0x00ad;
const isCombining = (code: number): boolean =>
  (code >= 0x0300 && code <= 0x036f) ||
  (code >= 0x1ab0 && code <= 0x1aff) ||
  (code >= 0x1dc0 && code <= 0x1dff) ||
  (code >= 0x20d0 && code <= 0x20ff) ||
  (code >= 0xfe20 && code <= 0xfe2f);
/** No script needs more of them on one letter; towers of them cover the lines above. */
const maxInARow = 4;

/** The text as it may be shown. In one pass. */
export function harmless(text: string): string {
  let shown = '';
  let from = 0;
  let inARow = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    inARow = isZeroWidth(code) || isCombining(code) ? inARow + 1 : 0;
    if (!isUnseen(code) && inARow <= maxInARow) continue;
    shown += text.slice(from, at);
    from = at + 1;
  }
  return shown + text.slice(from);
}

const isSpace = (code: number): boolean =>
  code <= 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200b) || code === 0x2028;
const isInLink = (code: number): boolean => !isSpace(code) && code !== 0x3c && code !== 0x3e && code !== 0x22;
const isWordCharacter = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/**
 * Splits a text at its addresses. Only `http:` and `https:` make a link, and only when the browser's own parser agrees; all else
 * stays text. One pass: each character is looked at a bounded number of times, whatever somebody writes.
 */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = schemeFrom(text, 0); at >= 0; ) {
    const end = endOfLink(text, at);
    const href = hrefOf(text.slice(at, end));
    if (href !== undefined) {
      if (at > from) pieces.push({ kind: 'text', text: text.slice(from, at) });
      pieces.push({ kind: 'link', text: text.slice(at, end), href });
      from = end;
    }
    at = schemeFrom(text, Math.max(end, at + 1));
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) });
  return pieces;
}

/** Where the next address begins that does not continue a word. */
function schemeFrom(text: string, from: number): number {
  for (let at = text.indexOf('://', from); at >= 0; at = text.indexOf('://', at + 1)) {
    for (const scheme of ['https', 'http']) {
      const start = at - scheme.length;
      const isIt = start >= from && text.slice(start, at).toLowerCase() === scheme;
      if (isIt && !(start > 0 && isWordCharacter(text.charCodeAt(start - 1)))) return start;
    }
  }
  return -1;
}

function endOfLink(text: string, start: number): number {
  const most = Math.min(text.length, start + maxLinkLength + 1);
  let end = start;
  let open = 0;
  while (end < most && isInLink(text.charCodeAt(end))) {
    if (text[end] === '(') open++;
    if (text[end] === ')') open--;
    end++;
  }
  // What ends a sentence ends no address, nor does a bracket that was opened before it.
  for (; end > start; end--) {
    const last = text.charAt(end - 1);
    if (last === ')' && open < 0) open++;
    else if (!".,:;!?'*_~]}»”’…".includes(last)) break;
  }
  return end;
}

function hrefOf(address: string): string | undefined {
  if (address.length > maxLinkLength || !URL.canParse(address)) return undefined;
  const { protocol, href, username, password, hostname } = new URL(address);
  // `https://bank.example@evil.example` is written to be misread.
  const isPlain = username === '' && password === '' && hostname !== '';
  return isPlain && (protocol === 'http:' || protocol === 'https:') ? href : undefined;
}

/** Emoji are at most so many code points long, with skin, sex and hair. */
const maxEmojiLength = 3 * 35;
const isEmoji = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}{2})/u;

/** One to three emoji and nothing else: shown large. */
export function isOnlyEmoji(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > maxEmojiLength) return false;
  const seen = [...new Intl.Segmenter().segment(trimmed)]
    .map(({ segment }) => segment.trim())
    .filter(Boolean);
  return seen.length <= 3 && seen.every((one) => isEmoji.test(one));
}

/** Longer texts begin folded. */
const maxLines = 20;
const maxCharacters = 1_400;

export function isLong(text: string): boolean {
  if (text.length > maxCharacters) return true;
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0 && lines <= maxLines; at = text.indexOf('\n', at + 1)) lines++;
  return lines > maxLines;
}
