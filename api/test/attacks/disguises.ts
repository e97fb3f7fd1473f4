/** What a word looks like to whoever looks for it: as it is, and as what is usual on the wire makes of it. */
export function disguisesOf(word: string): readonly Buffer[] {
  const plain = Buffer.from(word);
  /** Where it begins in a group of three bytes makes another text of base64; its ends depend on what is beside it. */
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), plain]).toString('base64');
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')].map((one) =>
      one.replaceAll('=', '').slice(offset === 0 ? 0 : offset + 1, -1),
    );
  });
  const texts = [plain.toString('hex'), encodeURIComponent(word), ...inBase64];
  return [plain, Buffer.from(word, 'utf16le'), ...texts.map((text) => Buffer.from(text))];
}
