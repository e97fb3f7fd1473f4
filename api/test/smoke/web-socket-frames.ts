import { Transform } from 'node:stream';

/** What becomes of one text frame: the texts that are sent instead. */
export type RewriteText = (text: string) => readonly string[];

const endOfHead = Buffer.from('\r\n\r\n');
const finalText = 0x81;

/** Rewrites the text frames that a server sends, behind the handshake. Everything else goes through as it is. */
export function rewriteTexts(rewrite: RewriteText): Transform {
  let waiting = Buffer.alloc(0);
  let isOpen = false;

  /** Takes one whole part off what waits: the handshake's head, then frame by frame. */
  function takePart(): Buffer | undefined {
    const length = isOpen ? frameLength(waiting) : lengthOfHead(waiting);
    if (length === undefined || waiting.length < length) return undefined;
    const part = waiting.subarray(0, length);
    waiting = waiting.subarray(length);
    return part;
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting = Buffer.concat([waiting, chunk]);
      for (let part = takePart(); part !== undefined; part = takePart()) {
        if (isOpen && part[0] === finalText)
          for (const text of rewrite(textOf(part))) this.push(frameOf(text));
        else this.push(part);
        isOpen = true;
      }
      done();
    },
  });
}

function lengthOfHead(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(endOfHead);
  return at < 0 ? undefined : at + endOfHead.length;
}

/** Where the payload begins, and how long it is: RFC 6455, 5.2. Servers do not mask. */
function extentOf(bytes: Buffer): { readonly start: number; readonly length: number } | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  if (short === 126) return { start, length: bytes.readUInt16BE(2) };
  if (short === 127) return { start, length: Number(bytes.readBigUInt64BE(2)) };
  return { start, length: short };
}

function frameLength(bytes: Buffer): number | undefined {
  const extent = bytes.length < 2 ? undefined : extentOf(bytes);
  return extent && extent.start + extent.length;
}

const textOf = (frame: Buffer) => frame.subarray(extentOf(frame)?.start).toString();

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(10);
  head[0] = finalText;
  if (payload.length < 126) head[1] = payload.length;
  else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head.subarray(0, payload.length < 126 ? 2 : 10), payload]);
}
